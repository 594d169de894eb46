// Makes a runpack of any size, quickly: the sample's members, and stored members of zeros that the manifest lists too.
// The zeros are holes in the file where the file system has them.
import { createHash } from "node:crypto";
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { crc32, inflateRawSync } from "node:zlib";
import { blob } from "./page.mjs";

/** A member may hold 104,857,600 bytes. */
const MOST = 100_000_000;

/** Writes the archive, of at least so many megabytes. */
export function largeRunpack(path, megabytes) {
  const members = membersOf(readFileSync(blob("demo.zip"))).filter(({ name }) => name !== "manifest.json");
  const original = membersOf(readFileSync(blob("demo.zip"))).find(({ name }) => name === "manifest.json");
  for (let left = megabytes * 1_000_000, at = 0; left > 0; left -= MOST, at += 1) {
    members.push({ name: `zeros_${at}.bin`, length: Math.min(left, MOST) });
  }
  const manifest = JSON.parse(original.bytes.toString());
  delete manifest.signatures;
  manifest.files = members.map((member) => ({ path: member.name, sha256: sums(member).sha256 })).sort((a, b) => (a.path < b.path ? -1 : 1));
  manifest.manifest_digest = "";
  manifest.manifest_digest = createHash("sha256").update(canonical(manifest)).digest("hex");
  members.unshift({ name: "manifest.json", bytes: Buffer.from(canonical(manifest)) });
  write(path, members);
}

function write(path, members) {
  const file = openSync(path, "w");
  let offset = 0;
  const directory = [];
  const put = (bytes) => {
    writeSync(file, bytes, 0, bytes.length, offset);
    offset += bytes.length;
  };
  for (const member of members) {
    const name = Buffer.from(member.name);
    const length = member.bytes?.length ?? member.length;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(sums(member).crc, 10);
    common.writeUInt32LE(length, 14);
    common.writeUInt32LE(length, 18);
    common.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, rest, name);
    put(Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, name]));
    if (member.bytes) put(member.bytes);
    else offset += length;
  }
  const table = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(table.length, 12);
  end.writeUInt32LE(offset, 16);
  ftruncateSync(file, offset);
  put(table);
  put(end);
  closeSync(file);
}

const known = new Map();
function sums({ bytes, length }) {
  if (bytes === undefined && known.has(length)) return known.get(length);
  const content = bytes ?? Buffer.alloc(length);
  const found = { sha256: createHash("sha256").update(content).digest("hex"), crc: crc32(content) };
  if (bytes === undefined) known.set(length, found);
  return found;
}

/** Members of a small, well-formed archive. */
function membersOf(zip) {
  const end = zip.lastIndexOf("PK\x05\x06", undefined, "latin1");
  const members = [];
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [packed, names, extra, comment] = [zip.readUInt32LE(at + 20), ...[28, 30, 32].map((field) => zip.readUInt16LE(at + field))];
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const content = zip.subarray(start, start + packed);
    const bytes = zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(content) : content;
    members.push({ name: zip.toString("utf8", at + 46, at + 46 + names), bytes });
    at += 46 + names + extra + comment;
  }
  return members;
}

/** Canonical JSON of what a manifest holds: texts, lists and objects. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}
