// The system's Chromium, found the way the site's tests find it.

import { findChromium } from "../../www/test/find_chromium.mjs";

/** How it is started: without its sandbox where that cannot work, as root in a container. */
export const launch = () => ({
  executablePath: findChromium(),
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
