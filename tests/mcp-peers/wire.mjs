// A client without any SDK: whole lines in, whole lines out, for messages that no SDK would send.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { surroundings } from "./places.mjs";

const OPENING = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "wire", version: "1.0.0" },
};

/** A server's command that keeps every line the server is sent in `seen.jsonl`. */
export const watched = (folder, server) =>
  ["sh", "-c", `tee -a '${join(folder, "seen.jsonl")}' | "$0" "$@"`, ...server];

/** What a watched server was sent. */
export const seen = (folder) => readFileSync(join(folder, "seen.jsonl"), "utf8");

/** Starts a program and speaks to it, `initialize` first. */
export async function speak(t, folder, [command, ...args]) {
  const child = spawn(command, args, { cwd: folder, env: surroundings(folder), stdio: ["pipe", "pipe", "pipe"] });
  t.after(() => {
    child.kill("SIGKILL");
    child.stdout.destroy();
    child.stderr.destroy();
  });
  child.stdin.on("error", () => {});
  let said = "";
  child.stderr.on("data", (bytes) => {
    said += bytes;
  });
  const answers = new Map();
  const waiting = new Map();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line);
    answers.set(message.id, message);
    waiting.get(message.id)?.(message);
  });
  const to = {
    child,
    said: () => said,
    write: (text) => child.stdin.write(text),
    answer: (id) =>
      answers.has(id) ? answers.get(id) : new Promise((resolve) => waiting.set(id, resolve)),
    ask: (id, method, params) => {
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
      return to.answer(id);
    },
    call: (id, name, args) => to.ask(id, "tools/call", { name, arguments: args }),
    ended: child.exitCode === null ? once(child, "exit") : [child.exitCode, child.signalCode],
  };
  await to.ask("open", "initialize", OPENING);
  to.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
  return to;
}

/** Starts a program that says on one of its two streams where it is, and tells what it said. */
export function address(t, folder, [command, ...args], env = {}, where = /http:\/\/\S+\/mcp/) {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...surroundings(folder), ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  t.after(() => child.kill());
  return new Promise((resolve, reject) => {
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes) => {
        said += bytes;
        const found = where.exec(said);
        if (found) {
          resolve(found[0]);
        }
      });
    }
    child.once("exit", (code) => reject(new Error(`${command} ended with ${code}: ${said}`)));
  });
}

/** A port that was free a moment ago. */
export function freePort() {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Waits until something holds; the test's time limit is the end of it. */
export async function until(holds) {
  for (;;) {
    const value = await holds();
    if (value) {
      return value;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
