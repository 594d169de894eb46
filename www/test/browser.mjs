// The browser of the tests, and the two screens they look at.
import { chromium } from "playwright-core";
import { findChromium } from "./find_chromium.mjs";

/** Starts the Chromium that is there. A root user, as in containers, has no sandbox to offer. */
export function launch(options = {}) {
  const root = process.getuid?.() === 0;
  return chromium.launch({ executablePath: findChromium(), headless: true, args: root ? ["--no-sandbox"] : [], ...options });
}

/** Desktop and phone. */
export const screens = {
  desktop: { viewport: { width: 1280, height: 860 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};
