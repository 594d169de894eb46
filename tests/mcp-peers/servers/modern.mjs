// A server on the new line's SDK that knows no `initialize`: 2026-07-28 only.

import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

serveStdio(
  () => {
    const server = new McpServer({ name: "modern", version: "1.0.0" }, { capabilities: { tools: {} } });
    server.registerTool(
      "greet",
      { description: "greets somebody", inputSchema: z.object({ name: z.string() }) },
      ({ name }) => ({ content: [{ type: "text", text: `hello ${name}` }] }),
    );
    server.registerTool("quit", { description: "ends a contract" }, () => ({ content: [{ type: "text", text: "gone" }] }));
    return server;
  },
  { legacy: "reject" },
);
