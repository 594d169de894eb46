// The site in a real browser, at desk and in hand: finding one's way, searching, reading in the dark, copying, working
// without a network and without scripts. Screenshots go to screenshots/, to be looked at; they are not compared.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "../serve.mjs";
import { www } from "../src/site.mjs";
import { launch, screens } from "./browser.mjs";
import { built } from "./built.mjs";

const axe = readFileSync(join(www, "node_modules/axe-core/axe.min.js"), "utf8");
const shots = join(www, "screenshots");
let site;
let server;
let browser;

before(async () => {
  mkdirSync(shots, { recursive: true });
  site = await built({ url: null });
  // Not at the top of the host: relative addresses have to hold.
  server = await serve({ folder: site.out, base: "/some/place/" });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens a page that must not complain and must not ask anybody else. */
async function visit(t, path, options = {}) {
  const { expected = /^$/, ...rest } = options;
  const context = await browser.newContext({ ...screens.desktop, serviceWorkers: "block", ...rest });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    const text = message.text();
    if (["error", "warning"].includes(message.type()) && !/Service Worker registration blocked/.test(text) && !expected.test(text)) complaints.push(text);
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith("blob:")) complaints.push(`asks for ${request.url()}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  await page.goto(server.url + path);
  return { page, context };
}

/** Styles that Playwright would add for a picture are refused by the site's policy; the caret stays as it is. */
const shoot = (page, name, options = {}) => page.screenshot({ path: join(shots, `${name}.png`), caret: "initial", ...options });

const at = (page) => page.url().slice(server.url.length);

for (const [screen, device] of Object.entries(screens)) {
  test(`${screen}: from the first page to a page and on to the next`, async (t) => {
    const { page } = await visit(t, "", device);
    await shoot(page, `${screen}-landing`, { fullPage: true });
    await page.getByRole("link", { name: "Install and first win" }).click();
    assert.equal(at(page), "start.html#install-and-first-win");
    if (screen === "phone") {
      await page.locator('.menu-button[aria-expanded="false"]').waitFor();
      await page.getByRole("button", { name: "Menu" }).click();
      await page.locator('.menu-button[aria-expanded="true"]').waitFor();
      await shoot(page, `${screen}-menu`);
    }
    await page.getByRole("navigation", { name: "Documentation" }).getByRole("link", { name: "Mental model" }).click();
    assert.equal(at(page), "docs/concepts/mental_model.html");
    await shoot(page, `${screen}-concept`);
    await page.locator(".neighbours .next").click();
    assert.equal(at(page), "docs/concepts/decision.html");
    assert.equal(await page.locator('.sidebar [aria-current="page"]').textContent(), await page.locator("h1").textContent());
  });

  test(`${screen}: search by keyboard`, async (t) => {
    const { page } = await visit(t, "docs/policy_guide.html", device);
    await page.keyboard.press("/");
    const input = page.getByRole("combobox", { name: "Search the documentation" });
    await input.waitFor();
    await page.keyboard.type("exit code regression");
    await page.getByRole("option").first().waitFor();
    await shoot(page, `${screen}-search`);
    const first = await input.getAttribute("aria-activedescendant");
    await page.keyboard.press("ArrowDown");
    assert.notEqual(await input.getAttribute("aria-activedescendant"), first);
    await page.keyboard.press("Escape");
    await input.waitFor({ state: "hidden" });
    await page.waitForFunction(() => document.activeElement.classList.contains("search-button"));

    await page.keyboard.press("Control+k");
    await input.fill("ⵣⵣⵣ");
    await page.getByText("Nothing found for").waitFor();
    await input.fill("ticket footer");
    await page.locator('[role="option"] mark').first().waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => !url.pathname.endsWith("policy_guide.html"));
    assert.match(await page.locator("main").textContent(), /footer/i);
  });

  test(`${screen}: the dark mode is switched, and remembered`, async (t) => {
    const { page } = await visit(t, "docs/policy_guide.html", { ...device, colorScheme: "light" });
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    const button = page.getByRole("switch", { name: "Dark mode" });
    assert.equal(await button.getAttribute("aria-checked"), "false");
    await button.click();
    assert.equal(await button.getAttribute("aria-checked"), "true");
    const dark = await ground();
    assert.notEqual(dark, light);
    await shoot(page, `${screen}-guide-dark`);
    await page.reload();
    assert.equal(await ground(), dark);
    await page.goto(server.url);
    assert.equal(await ground(), dark);
    await shoot(page, `${screen}-landing-dark`, { fullPage: true });
    await page.getByRole("switch", { name: "Dark mode" }).click();
    assert.equal(await ground(), light);
  });

  test(`${screen}: the system's dark mode is followed`, async (t) => {
    const { page } = await visit(t, "", { ...device, colorScheme: "dark" });
    assert.equal(await page.getByRole("switch", { name: "Dark mode" }).getAttribute("aria-checked"), "true");
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), undefined);
  });

  test(`${screen}: the copy button takes commands, not answers`, async (t) => {
    const { page, context } = await visit(t, "start.html", device);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const block = page.locator('.code[data-language="console"]').first();
    await block.hover();
    await block.getByRole("button", { name: "Copy commands" }).click();
    await block.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "gait demo\ngait verify run_demo");
    await page.locator('.code[data-language="bash"] .copy').first().click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^git clone .*\ncd gait\nmake demo/);
  });

  test(`${screen}: no page is wider than the screen, and its header is one line`, async (t) => {
    const { page } = await visit(t, "", device);
    const wide = [];
    for (const { file } of site.pages.filter(({ file }) => file !== "404.html")) {
      await page.goto(server.url + file);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) wide.push(`${file}: ${over}`);
      const [links, header] = await Promise.all([".primary", ".site-header"].map((part) => page.locator(part).evaluate((of) => of.offsetHeight)));
      if (links > header) wide.push(`${file}: the header's links are ${links} high`);
    }
    assert.deepEqual(wide, []);
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`${screen}, ${colorScheme}: axe finds nothing`, async (t) => {
      const { page } = await visit(t, "", { ...device, colorScheme, expected: /404/ });
      const pages = { landing: "", guide: "docs/policy_guide.html", reference: "docs/reference/cli.html", schema: "docs/reference/schemas/gate/intent_request.html",
        schemas: "docs/reference/schemas/index.html", missing: "nothing.html" };
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(server.url + path);
        if (colorScheme === "light" && name !== "landing") await shoot(page, `${screen}-${name}`);
        assert.deepEqual(await faults(page), [], name);
      }
      await page.goto(server.url + pages.guide);
      await page.keyboard.press("/");
      await page.keyboard.type("policy");
      await page.getByRole("option").first().waitFor();
      assert.deepEqual(await faults(page), [], "search");
    });
  }
}

async function faults(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}: ${failureSummary}`));
}

test("the first key leads to the content", async (t) => {
  const { page } = await visit(t, "docs/policy_guide.html");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
});

test("anchors lead to headings that the header does not cover", async (t) => {
  const { page } = await visit(t, "docs/policy_guide.html#add-rules", { reducedMotion: "reduce" });
  const { top, header } = await page.evaluate(() => ({
    top: document.getElementById("add-rules").getBoundingClientRect().top,
    header: document.querySelector(".site-header").getBoundingClientRect().bottom,
  }));
  assert.ok(top >= header && top < header + 200, `${top} under ${header}`);
  assert.equal(await page.locator('.toc [aria-current="true"]').textContent(), "Add rules");
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior), "auto");
});

test("without scripts everything can be read and reached", async (t) => {
  const { page } = await visit(t, "docs/policy_guide.html", { ...screens.phone, javaScriptEnabled: false });
  assert.ok(await page.locator(".prose h1").isVisible());
  assert.equal(await page.locator(".search-button").isVisible(), false);
  assert.equal(await page.locator(".copy").first().isVisible(), false);
  await page.locator(".menu-button").click();
  await page.getByRole("link", { name: "Exit codes" }).click();
  assert.equal(at(page), "docs/contracts/exit_codes.html");
});

test("on paper there is the text and nothing to press", async (t) => {
  const { page } = await visit(t, "docs/policy_guide.html", { colorScheme: "dark" });
  await page.emulateMedia({ media: "print" });
  for (const hidden of [".site-header", ".sidebar", ".toc", ".neighbours"]) assert.equal(await page.locator(hidden).isVisible(), false, hidden);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).color), "rgb(26, 28, 32)");
  await shoot(page, "print");
});

test("a missing page says so, at any depth", async (t) => {
  const { page } = await visit(t, "docs/deep/er/nothing.html", { expected: /404/ });
  assert.equal(await page.locator("h1").textContent(), "There is no such page");
  await page.getByRole("link", { name: "To the start" }).click();
  assert.equal(at(page), "index.html");
});

test("once visited, the whole site works without a network", async (t) => {
  const own = await serve({ folder: site.out, base: "/app/" });
  const context = await browser.newContext(screens.desktop);
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(own.url);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await own.close();

  for (const path of ["docs/contracts/limits.html", "docs/reference/schemas/regress/config.html", "docs/", "verify/"]) {
    await page.goto(own.url + path);
    assert.equal(await page.locator("h1").count(), 1, path);
  }
  await page.goto(own.url + "docs/index.html");
  await page.keyboard.press("/");
  await page.keyboard.type("approval");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Escape");
  await page.goto(`${own.url}nothing.html`);
  assert.equal(await page.locator("h1").textContent(), "There is no such page");
});

test("a new version of the site is offered, and taken whole", async (t) => {
  const folder = (await built({ url: null })).out;
  const own = await serve({ folder, base: "/app/" });
  const context = await browser.newContext(screens.desktop);
  t.after(async () => {
    await context.close();
    await own.close();
  });
  const page = await context.newPage();
  await page.goto(own.url);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const { writeFileSync } = await import("node:fs");
  const { writeServiceWorker } = await import("../src/offline.mjs");
  const file = join(folder, "changelog.html");
  writeFileSync(file, readFileSync(file, "utf8").replace("<h1 id=\"changelog\">Changelog", "<h1 id=\"changelog\">New changelog"));
  writeServiceWorker(folder);
  await page.goto(`${own.url}changelog.html`);
  assert.equal(await page.locator("h1").textContent(), "Changelog");
  await page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration.update()).then(() => undefined));
  await page.getByRole("button", { name: "Reload" }).click();
  await page.getByRole("heading", { name: "New changelog" }).waitFor();
});
