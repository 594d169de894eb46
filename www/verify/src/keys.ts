//! The public keys the reader trusts: kept in this page, and in the browser's storage only when that was asked for.

import { sha256 } from "./core_client.js";

/** One public key. */
export interface TrustedKey {
  /** SHA-256 of its 32 bytes: the name that signatures use. */
  id: string;
  /** Base64 of its 32 bytes. */
  text: string;
  /** Where it came from: a file's name, or how it was entered. */
  from: string;
  /** The files it came with in this visit. */
  drop?: number;
}

const PLACE = "gait-verify.keys";
/** More are no keyring but a mistake. */
const MOST = 64;

/** The keys, and whether they are remembered. */
export class Keyring {
  #keys: TrustedKey[] = [];
  #remembered = false;

  get all(): readonly TrustedKey[] {
    return this.#keys;
  }

  get remembered(): boolean {
    return this.#remembered;
  }

  /** The keys of an earlier visit, if they were to be remembered. */
  async recall(): Promise<void> {
    const stored = read();
    if (!Array.isArray(stored)) {
      return;
    }
    this.#remembered = true;
    for (const key of stored as { text?: unknown; from?: unknown }[]) {
      if (typeof key?.text === "string" && typeof key.from === "string") {
        await this.add(key.text, key.from);
      }
    }
  }

  /** Adds a key; `false` when it is no key, is known already, or there are too many. */
  async add(text: string, from: string, drop?: number): Promise<boolean> {
    const bytes = keyBytes(text);
    if (bytes === undefined || this.#keys.length >= MOST) {
      return false;
    }
    const id = await sha256(bytes);
    if (this.#keys.some((key) => key.id === id)) {
      return false;
    }
    this.#keys.push({ id, text, from, ...(drop === undefined ? {} : { drop }) });
    this.#store();
    return true;
  }

  remove(id: string): void {
    this.#keys = this.#keys.filter((key) => key.id !== id);
    this.#store();
  }

  /** Forgets everything, here and in the browser's storage. */
  forget(): void {
    this.#keys = [];
    this.remember(false);
  }

  /** Stores the keys, or removes them from the browser's storage; `false` when the browser does not let us. */
  remember(wanted: boolean): boolean {
    this.#remembered = wanted;
    return this.#store();
  }

  #store(): boolean {
    try {
      if (this.#remembered) {
        localStorage.setItem(PLACE, JSON.stringify(this.#keys.map(({ text, from }) => ({ text, from }))));
      } else {
        localStorage.removeItem(PLACE);
      }
      return true;
    } catch {
      this.#remembered = false;
      return false;
    }
  }
}

/** The 32 bytes of a key; `undefined` when the text is none. */
function keyBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return bytes.length === 32 ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function read(): unknown {
  try {
    return JSON.parse(localStorage.getItem(PLACE) ?? "null");
  } catch {
    return null;
  }
}
