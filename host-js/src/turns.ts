//! Turns: one after the other for each store, so that no call is lost in counting.

import type { RateLimits } from "./api.js";
import { hostError, wordsOf } from "./errors.js";

/** Who is waiting, store by store. */
export class Turns {
  readonly #last = new WeakMap<RateLimits, Promise<unknown>>();

  /** Runs `turn` when those before it are done, under the store's own lock if it has one. */
  async take<T>(store: RateLimits, turn: () => Promise<T>): Promise<T> {
    const before = this.#last.get(store) ?? Promise.resolve();
    const mine = before.then(() => (typeof store.lock === "function" ? locked(store, turn) : turn()));
    // The next one comes whether this one worked or not.
    this.#last.set(
      store,
      mine.catch(() => {}),
    );
    return mine;
  }
}

/** What a turn came to. */
type Outcome<T> = { value: T } | { error: unknown };

/** Runs a turn under a lock that callers wrote, and notices one that does not do what a lock does. */
async function locked<T>(store: RateLimits, turn: () => Promise<T>): Promise<T> {
  let runs = 0;
  let outcome: Outcome<T> | undefined;
  const once = async (): Promise<T> => {
    runs += 1;
    if (runs > 1) {
      throw new Error("a turn is taken once");
    }
    try {
      const value = await turn();
      outcome = { value };
      return value;
    } catch (error) {
      outcome = { error };
      throw error;
    }
  };
  let failure: unknown;
  let failed = false;
  try {
    await store.lock?.(once);
  } catch (error) {
    [failure, failed] = [error, true];
  }
  if (outcome !== undefined && "error" in outcome) {
    throw outcome.error;
  }
  if (failed || runs !== 1 || outcome === undefined) {
    const why = failed ? wordsOf(failure) : "`lock` must run the turn once, and wait for it";
    const text = `the rate-limit state was not locked: ${why}`;
    throw hostError("rate_limit_lock_acquire_failed", text, failure, "look at the store's lock");
  }
  return outcome.value;
}
