// The guest in hosts with files: node|deno|bun process.js PACK ANSWER

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

import { answer } from "./main.js";

const [pack, out] = process.argv.slice(2);
const core = new URL("../node_modules/gait-js/dist/gait_core.wasm", import.meta.url);
const module = await WebAssembly.compile(readFileSync(core));
writeFileSync(out, await answer(new Uint8Array(readFileSync(pack)), module));
