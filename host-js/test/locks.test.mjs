//! The lock files name every package for every platform, so that `npm ci` installs the same everywhere: what a registry
//! does not list on the day a lock is written would be missed by the machine that needs it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

for (const folder of ["host-js", "host-js/hosts", "www"]) {
  test(`the lock of ${folder} is whole`, () => {
    const { packages } = JSON.parse(
      readFileSync(new URL(`../../${folder}/package-lock.json`, import.meta.url), "utf8"),
    );
    for (const [path, { integrity, dependencies, optionalDependencies }] of Object.entries(packages)) {
      assert(path === "" || integrity !== undefined, `${path} has no integrity`);
      for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
        assert(found(packages, path, name), `${path || folder} needs ${name}, which is not locked`);
      }
    }
  });
}

/** Whether a package is where Node looks for it: below the one that needs it, or below one around that. */
function found(packages, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    if (packages[`${at}${at && "/"}node_modules/${name}`] !== undefined) {
      return true;
    }
    if (at === "") {
      return false;
    }
  }
}
