//! What every entry of the package offers beside `loadGait` and `file`.

export type * from "./api.js";
export type * from "./contract.js";
export { GaitError, SourceFailure } from "./errors.js";
export { keyPairOf, publicKeyText, webCryptoSigner } from "./signing.js";
export type { KeyPair } from "./signing.js";
export type { BlobLike, HandleLike, Input, Opened, Opener, Source } from "./sources.js";
