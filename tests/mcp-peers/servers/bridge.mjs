// Streamable HTTP in front of a command that speaks on standard input and output, for clients that know only HTTP: the
// official transports on both sides, and every message handed on as it is. One process for each session.
//
// Arguments: the folder to start the command in, then the command. The address is printed.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";

const [folder, command, ...args] = process.argv.slice(2);
const sessions = new Map();

async function open() {
  const behind = new StdioClientTransport({ command, args, cwd: folder, env: process.env, stderr: "ignore" });
  const front = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, front),
    enableDnsRebindingProtection: true,
    allowedHosts: [`127.0.0.1:${http.address().port}`],
  });
  // On which request's stream a message of the server's belongs. On standard input and output that is not said, so what
  // the server sends while a call is open goes there.
  const calls = [];
  front.onmessage = (message) => {
    if (message.method === "tools/call") {
      calls.push(message.id);
    }
    void behind.send(message);
  };
  behind.onmessage = (message) => {
    const isAnswer = message.method === undefined;
    const relatedRequestId = isAnswer ? message.id : calls.at(-1);
    if (isAnswer) {
      calls.splice(calls.indexOf(message.id), calls.includes(message.id) ? 1 : 0);
    }
    void front.send(message, { relatedRequestId }).catch(() => {});
  };
  front.onclose = () => void behind.close();
  await front.start();
  await behind.start();
  return front;
}

const http = createServer(async (request, response) => {
  const front = sessions.get(request.headers["mcp-session-id"]) ?? (await open());
  await front.handleRequest(request, response);
});
http.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${http.address().port}/mcp`));
