//! The one place that makes addresses of scripts. Browsers with Trusted Types refuse all others, and all HTML from text.

interface Policy {
  createScriptURL(url: string): unknown;
}

interface Types {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
}

const types = (globalThis as { trustedTypes?: Types }).trustedTypes;
const policy = types?.createPolicy("gait-worker", { createScriptURL: (url) => url });

/** The address of the worker, as the browser wants it. */
export function scriptUrl(url: string): string {
  return policy === undefined ? url : (policy.createScriptURL(url) as string);
}
