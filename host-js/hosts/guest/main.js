// What every host runs: all vectors, then the whole API; the answer is one text that must be the same everywhere.

import { converse } from "../node_modules/gait-js/dist/core.js";
import { SourceFailure } from "../node_modules/gait-js/dist/errors.js";
import { create } from "../node_modules/gait-js/dist/gait_core.js";
import * as gaitJs from "gait-js";

import { story } from "./api.js";
import { endings, PRIVATE_KEY } from "./vectors.js";

const { keyPairOf, webCryptoSigner } = gaitJs;

/** `pack` holds the vectors' files (`files.mjs`); `module` is the compiled core for the conversation by hand. */
export async function answer(pack, module) {
  const files = unpacked(pack);
  const sign = webCryptoSigner(await keyPairOf(PRIVATE_KEY));
  const vectors = await endings({ files, module, create, converse, SourceFailure, sign });
  return JSON.stringify({ vectors, api: await story(gaitJs, files) });
}

function unpacked(pack) {
  const end = pack.indexOf(10);
  const index = JSON.parse(new TextDecoder().decode(pack.subarray(0, end)));
  let at = end + 1;
  return new Map(
    index.map(([path, length]) => {
      const bytes = pack.subarray(at, at + length);
      at += length;
      return [path, bytes];
    }),
  );
}
