//! Options that callers give: misspelt ones are refused, and times and texts get the core's form.

import { misuse } from "./errors.js";

/** Refuses options that nobody knows: a demand that is ignored would look like one that was met. */
export function known<T extends object>(options: T | undefined, ...names: (keyof T & string)[]): T {
  const given = options ?? ({} as T);
  for (const name of Object.keys(given)) {
    if (!names.includes(name as keyof T & string)) {
      throw misuse(`there is no option \`${name}\``, `the options are ${names.join(", ")}`);
    }
  }
  return given;
}

/** The millisecond that was told last. Writing one as text takes a twentieth of a decision, and many share one. */
let told = { at: Number.NaN, text: "" };

/** A time as the core reads it; the host's clock when none is given. */
export function timeOf(now: Date | string | undefined): string {
  if (typeof now === "string") {
    return now;
  }
  const at = now === undefined ? Date.now() : now.getTime();
  if (Number.isNaN(at)) {
    throw misuse("`now` is no time", "give a Date, or RFC 3339 text");
  }
  if (at !== told.at) {
    told = { at, text: new Date(at).toISOString() };
  }
  return told.text;
}

/** Members of which some are undefined: writing a request as JSON leaves those out, and the core's defaults hold. */
export function given<T extends object>(members: { [K in keyof T]: T[K] | undefined }): T {
  return members as T;
}
