// The guest in workerd: the pack is the request, the answer the response.

import module from "gait-js/gait_core.wasm";

import { answer } from "./main.js";

export default {
  async fetch(request) {
    return new Response(await answer(new Uint8Array(await request.arrayBuffer()), module));
  },
};
