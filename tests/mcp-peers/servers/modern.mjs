// A server on the new line's SDK that knows no `initialize`: 2026-07-28 only.

import { acceptedContent, inputRequired, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const says = (text) => ({ content: [{ type: "text", text }] });

serveStdio(
  () => {
    const server = new McpServer({ name: "modern", version: "1.0.0" }, { capabilities: { tools: {} } });
    server.registerTool(
      "greet",
      { description: "greets somebody", inputSchema: z.object({ name: z.string() }) },
      ({ name }) => says(`hello ${name}`),
    );
    server.registerTool("quit", { description: "ends a contract" }, () => says("gone"));
    server.registerTool(
      "sail",
      { description: "asks who is on board, and sails", inputSchema: z.object({ to: z.string() }) },
      ({ to }, { mcpReq }) => {
        const crew = acceptedContent(mcpReq.inputResponses, "crew");
        if (crew) {
          return says(`${crew.name} sails to ${to}`);
        }
        const requestedSchema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
        const asked = inputRequired.elicit({ message: "Who is on board?", requestedSchema });
        return inputRequired({ inputRequests: { crew: asked }, requestState: "the crew was asked for" });
      },
    );
    return server;
  },
  { legacy: "reject" },
);
