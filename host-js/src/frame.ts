//! Frames: one JSON document and the bytes that belong to it, as they cross the boundary.
//!
//! Layout: length of the JSON as 32-bit little-endian, the JSON, then the bytes until the end.

/** A frame taken apart. */
export interface Frame {
  /** The JSON document, parsed. */
  readonly json: unknown;
  /** What follows it. */
  readonly bytes: Uint8Array;
}

/** Takes a frame apart; throws a RangeError when it is shorter than it says. */
export function readFrame(frame: Uint8Array): Frame {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const end = 4 + view.getUint32(0, true);
  if (end > frame.length) {
    throw new RangeError("a frame is shorter than it says");
  }
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(frame.subarray(4, end));
  return { json: JSON.parse(text), bytes: frame.subarray(end) };
}
