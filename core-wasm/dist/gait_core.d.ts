// Written by `make core`.

/** One instance of the core: one conversation, with a memory of its own. */
export interface Instance {
  /**
   * Starts the operation `op` with a request, or goes on with the running one; the reply is the frame of one step.
   */
  call(op: string, request: Uint8Array | number[]): Uint8Array;
}

/** Makes an instance of the compiled `gait_core.wasm`; takes a fraction of a millisecond. */
export function create(module: WebAssembly.Module): Instance;
