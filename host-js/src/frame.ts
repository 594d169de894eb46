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

// One for all frames: making one costs more than most decisions.
const TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Takes a frame apart; throws a RangeError when it is shorter than it says. */
export function readFrame(frame: Uint8Array): Frame {
  const [a = 0, b = 0, c = 0, d = 0] = frame;
  const end = 4 + (a | (b << 8) | (c << 16)) + d * 0x1000000;
  if (frame.length < 4 || end > frame.length) {
    throw new RangeError("a frame is shorter than it says");
  }
  return { json: JSON.parse(TEXT.decode(frame.subarray(4, end))), bytes: frame.subarray(end) };
}
