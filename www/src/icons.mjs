// The mark as PNG, for home screens that take no SVG: drawn here, pixel by pixel, from the same strokes as mark.svg.
import { crc32, deflateSync } from "node:zlib";

const ground = [0x10, 0x2a, 0x33];
const gate = [0xf3, 0xf1, 0xec];
const step = [0x74, 0xcb, 0xdc];

/** Strokes on a 64 by 64 field. They stay within the middle that round icons show. */
const strokes = [
  { away: line([17, 50], [17, 30]), width: 5, colour: gate },
  { away: arch([32, 30], 15), width: 5, colour: gate },
  { away: line([47, 30], [47, 50]), width: 5, colour: gate },
  { away: line([28, 49], [28, 43]), width: 6.4, colour: step },
  { away: line([36, 38], [36, 32]), width: 6.4, colour: step },
];

/** A square PNG, opaque to its edges. */
export function icon(size) {
  const rows = Buffer.alloc(size * (1 + size * 3));
  const pixel = 64 / size;
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const colour = colourAt((x + 0.5) * pixel, (y + 0.5) * pixel, pixel);
      rows.set(colour, y * (1 + size * 3) + 1 + x * 3);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function colourAt(x, y, pixel) {
  let colour = ground;
  for (const stroke of strokes) {
    const inside = stroke.width / 2 - stroke.away(x, y);
    const cover = Math.min(1, Math.max(0, inside / pixel + 0.5));
    colour = colour.map((channel, at) => Math.round(channel + (stroke.colour[at] - channel) * cover));
  }
  return colour;
}

/** How far a point is from a line between two points. */
function line([x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  return (x, y) => {
    const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)));
    return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
  };
}

/** How far a point is from the upper half of a circle. */
function arch([cx, cy], radius) {
  return (x, y) => (y <= cy ? Math.abs(Math.hypot(x - cx, y - cy) - radius) : Infinity);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
