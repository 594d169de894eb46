//! Keys that sign: callers' functions on their way to the core, and WebCrypto's Ed25519 keys as such functions.

import type { Sign, Signed } from "./api.js";
import type { Signature } from "./core.js";
import { hostError, misuse, SourceFailure, wordsOf } from "./errors.js";

/** What `crypto.subtle.generateKey` makes for Ed25519. */
export interface KeyPair {
  readonly privateKey: object;
  readonly publicKey: object;
}

const ED25519 = { name: "Ed25519" };
/** What stands before the 32 bytes of an Ed25519 seed in PKCS #8. */
const PKCS8 = "302e020100300506032b657004220420";
/** Lower-case hex of a SHA-256. */
const DIGEST = /^[0-9a-f]{64}$/;

/** Signs with a WebCrypto key pair of the algorithm `Ed25519`; the private key need not be extractable. */
export function webCryptoSigner(keys: KeyPair): Sign {
  const { privateKey, publicKey } = keys as { privateKey: CryptoKey; publicKey: CryptoKey };
  let keyId: Promise<string> | undefined;
  return async (digest): Promise<Signed> => {
    keyId ??= rawOf(publicKey).then(sha256);
    const signature = await crypto.subtle.sign(ED25519, privateKey, ownBuffer(digest));
    return { keyId: await keyId, signature: new Uint8Array(signature) };
  };
}

/** A WebCrypto public key as gait writes public keys: standard base64 of its 32 bytes. */
export async function publicKeyText(key: object): Promise<string> {
  return base64(await rawOf(key as CryptoKey));
}

/** A private key as `gait keys init` writes it (base64 of 64 bytes) as a WebCrypto pair that is not extractable. */
export async function keyPairOf(text: string): Promise<KeyPair> {
  const bytes = bytesOfBase64(text.trim());
  if (bytes?.length !== 64) {
    throw hostError("key_invalid", "the private key is not base64 of 64 bytes");
  }
  const pkcs8 = new Uint8Array([...bytesOfHex(PKCS8), ...bytes.subarray(0, 32)]);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, ED25519, false, ["sign"]);
  const publicKey = await crypto.subtle.importKey("raw", bytes.slice(32), ED25519, true, ["verify"]);
  // Both halves come from one text, and must be halves of one key.
  const probe = new Uint8Array(32);
  const signature = await crypto.subtle.sign(ED25519, privateKey, probe);
  if (!(await crypto.subtle.verify(ED25519, publicKey, signature, probe))) {
    throw hostError("key_invalid", "the two halves of the private key do not belong together");
  }
  return { privateKey, publicKey };
}

/** Has a digest signed, and looks whether the answer can be a signature. What goes wrong becomes `signing_failed`. */
export async function signed(sign: Sign | undefined, digest: string): Promise<Signature> {
  if (sign === undefined) {
    throw new SourceFailure("signing", "there is no key to sign with");
  }
  let answer: Signed;
  try {
    answer = await sign(bytesOfHex(digest));
  } catch (error) {
    throw new SourceFailure("signing", wordsOf(error), { cause: error });
  }
  const { keyId, signature } = answer ?? {};
  if (!DIGEST.test(keyId) || !(signature instanceof Uint8Array) || signature.length !== 64) {
    throw new SourceFailure("signing", "`sign` must return `{ keyId, signature }`: 64 hex digits and 64 bytes");
  }
  return { key_id: keyId, sig: base64(signature) };
}

/** Refuses what is no function, before anything depends on it. */
export function checkSigner(sign: unknown): void {
  if (sign !== undefined && typeof sign !== "function") {
    throw misuse("`sign` is no function", "give a function of the digest; `webCryptoSigner(keyPair)` makes one");
  }
}

/** SHA-256 of bytes, lower-case hex. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", ownBuffer(bytes))));
}

/** The bytes in a buffer that is theirs: WebCrypto takes no shared memory. */
function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

async function rawOf(key: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey("raw", key));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
