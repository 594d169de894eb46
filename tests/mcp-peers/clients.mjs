// The official clients, old and new line, behind one face: connect, list, call, listen, answer what a server asks.

import { Client as NewClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as NewStdio } from "@modelcontextprotocol/client/stdio";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OldStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";

const INFO = { name: "gait-mcp-peers", version: "1.0.0" };

/** What a client says it can do; the ways in which its user can be asked may be others. */
const able = ({ elicitation = { form: {}, url: {} } }) => ({
  capabilities: { sampling: {}, elicitation, roots: { listChanged: true } },
});

/** What the person and the model in front of a client say to a server that asks. */
const ANSWERS = {
  "sampling/createMessage": ({ params }) => ({
    role: "assistant",
    model: "parrot",
    content: { type: "text", text: `heard ${params.messages.length}` },
  }),
  "elicitation/create": ({ params }) =>
    params.mode === "url" ? { action: "accept" } : { action: "accept", content: { name: "Ada", check: true } },
  "roots/list": () => ({ roots: [{ uri: "file:///srv/notes", name: "notes" }] }),
};

const OLD_SCHEMAS = {
  "sampling/createMessage": CreateMessageRequestSchema,
  "elicitation/create": ElicitRequestSchema,
  "roots/list": ListRootsRequestSchema,
};

/** Each official client: its name, and how it connects to the server that a command starts. Where it is started may come
 * with what its user says (`answers`), and how its user can be asked (`elicitation`). */
export const CLIENTS = {
  "TypeScript SDK 1.32": (command, where) => connect(old(where), OldStdio, command, where),
  "TypeScript SDK 2.4": (command, where) => connect(modern("legacy", where), NewStdio, command, where),
  "TypeScript SDK 2.4, auto": (command, where) => connect(modern("auto", where), NewStdio, command, where),
};

/** The old line's client. */
export const connectOld = CLIENTS["TypeScript SDK 1.32"];

/** The new line's client, bound to one version of the protocol. */
export const connectPinned = (command, where, pin) => connect(modern({ pin }, where), NewStdio, command, where);

function old(where) {
  const client = new OldClient(INFO, able(where));
  return {
    client,
    ask: (method, handler) => client.setRequestHandler(OLD_SCHEMAS[method], handler),
    listen: (handler) => client.setNotificationHandler(LoggingMessageNotificationSchema, handler),
    call: (params, options) => client.callTool(params, undefined, options),
  };
}

function modern(mode, where) {
  const client = new NewClient(INFO, { ...able(where), versionNegotiation: { mode } });
  return {
    client,
    ask: (method, handler) => client.setRequestHandler(method, handler),
    listen: (handler) => client.setNotificationHandler("notifications/message", handler),
    call: (params, options) => client.callTool(params, options),
  };
}

async function connect({ client, ask, listen, call }, Transport, [command, ...args], { folder, env, answers }) {
  const asked = [];
  const logs = [];
  for (const [method, answer] of Object.entries({ ...ANSWERS, ...answers })) {
    ask(method, (request) => {
      asked.push(method);
      return answer(request);
    });
  }
  listen(({ params }) => void logs.push(params));
  const transport = new Transport({ command, args, cwd: folder, env, stderr: "pipe" });
  let said = "";
  transport.stderr?.on("data", (bytes) => {
    said += bytes;
  });
  await client.connect(transport, { timeout: 20_000 });
  return {
    client,
    asked,
    logs,
    /** What the server said on standard error. */
    said: () => said,
    pid: transport.pid,
    tools: async () => (await client.listTools()).tools,
    call: (name, args, options) => call({ name, arguments: args }, { timeout: 20_000, ...options }),
    close: async () => {
      await client.close();
      // Whoever still holds the other end keeps no test from ending.
      transport.stderr?.destroy();
    },
  };
}

/** The text of a tool's result. */
export const textOf = (result) => result.content.map((part) => part.text ?? part.type).join("\n");
