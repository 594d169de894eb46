#!/usr/bin/env node
// Signs a registry manifest: sign.mjs MANIFEST PRIVATE_KEY > registry_pack.json
//
// The signature is over the manifest as gait reads it: known fields only, pack_type, publisher and source trimmed and
// in lower case, written as canonical JSON without `signatures`. So this script writes the manifest in that form.
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [manifestPath, keyPath] = process.argv.slice(2);
const given = JSON.parse(readFileSync(manifestPath, 'utf8'));
const pair = Buffer.from(readFileSync(keyPath, 'utf8').trim(), 'base64');

// Always written, whatever they are, and then those that are left out when they are empty.
const manifest = { producer_version: '', created_at: '0001-01-01T00:00:00Z', artifacts: null };
for (const key of ['schema_id', 'schema_version', 'created_at', 'producer_version', 'pack_name', 'pack_version']) {
  manifest[key] = given[key] ?? manifest[key] ?? '';
}
for (const key of ['pack_type', 'publisher', 'source', 'risk_class', 'use_case', 'compatibility', 'provenance']) {
  const value = given[key];
  if (value && Object.keys(value).length > 0) manifest[key] = value;
}
for (const key of ['pack_type', 'publisher', 'source']) {
  if (manifest[key]) manifest[key] = manifest[key].trim().toLowerCase();
}
manifest.artifacts = given.artifacts?.map(({ path = '', sha256 = '', media_type }) => ({
  path, sha256, ...(media_type && { media_type }),
})) ?? null;

// Enough of RFC 8785 for texts and whole numbers.
const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
};

const digest = createHash('sha256').update(canonical(manifest)).digest();
const [seed, publicKey] = [pair.subarray(0, 32), pair.subarray(32)];
const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const key = createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' });
manifest.signatures = [{
  alg: 'ed25519',
  key_id: createHash('sha256').update(publicKey).digest('hex'),
  sig: sign(null, digest, key).toString('base64'),
  signed_digest: digest.toString('hex'),
}];
process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
