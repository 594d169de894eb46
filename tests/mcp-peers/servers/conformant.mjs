// A server on the official SDK with what the conformance suite asks of servers: its tools, resources and prompts.
//
// On standard input and output, or with `http` on a free port, which is printed. The names and the answers are the
// suite's.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import * as mcp from "@modelcontextprotocol/sdk/types.js";

/** One red pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/** No sound at all. */
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

const text = (text) => ({ type: "text", text });
const image = { type: "image", data: PNG, mimeType: "image/png" };
const embedded = (uri, mimeType, content) => ({ type: "resource", resource: { uri, mimeType, text: content } });
const says = (...content) => ({ content });
const object = (properties = {}, required = []) => ({ type: "object", properties, required });

const titled = (...names) => names.map((name, index) => ({ const: `value${index + 1}`, title: name }));
const options = { type: "string", enum: ["option1", "option2", "option3"] };
const ENUMS = object({
  untitledSingle: options,
  titledSingle: { type: "string", oneOf: titled("First Option", "Second Option", "Third Option") },
  legacyEnum: {
    type: "string",
    enum: ["opt1", "opt2", "opt3"],
    enumNames: ["Option One", "Option Two", "Option Three"],
  },
  untitledMulti: { type: "array", items: options },
  titledMulti: { type: "array", items: { anyOf: titled("First Choice", "Second Choice", "Third Choice") } },
});
const DEFAULTS = object({
  name: { type: "string", default: "John Doe" },
  age: { type: "integer", default: 30 },
  score: { type: "number", default: 95.5 },
  status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
  verified: { type: "boolean", default: true },
});
const USER = object({ username: { type: "string" }, email: { type: "string" } }, ["username", "email"]);
const SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: { address: object({ street: { type: "string" }, city: { type: "string" } }) },
  properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
  additionalProperties: false,
};

async function elicit(extra, message, requestedSchema, wording) {
  const params = { message, requestedSchema };
  const { action, content } = await extra.sendRequest({ method: "elicitation/create", params }, mcp.ElicitResultSchema);
  return says(text(`${wording}: action=${action}, content=${JSON.stringify(content ?? {})}`));
}

/** Tools: their input schema, and what they do. */
const TOOLS = {
  test_simple_text: [object(), () => says(text("This is a simple text response for testing."))],
  test_image_content: [object(), () => says(image)],
  test_audio_content: [object(), () => says({ type: "audio", data: WAV, mimeType: "audio/wav" })],
  test_embedded_resource: [
    object(),
    () => says(embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")),
  ],
  test_multiple_content_types: [
    object(),
    () => {
      const json = JSON.stringify({ test: "data", value: 123 });
      const resource = embedded("test://mixed-content-resource", "application/json", json);
      return says(text("Multiple content types test:"), image, resource);
    },
  ],
  test_tool_with_logging: [
    object(),
    async (_, extra) => {
      for (const data of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
        await extra.sendNotification({ method: "notifications/message", params: { level: "info", data } });
        await pause(50);
      }
      return says(text("logged"));
    },
  ],
  test_error_handling: [
    object(),
    () => ({ isError: true, ...says(text("This tool intentionally returns an error for testing")) }),
  ],
  test_tool_with_progress: [
    object(),
    async (_, extra) => {
      for (const progress of [0, 50, 100]) {
        const progressToken = extra._meta?.progressToken;
        if (progressToken !== undefined) {
          const params = { progressToken, progress, total: 100 };
          await extra.sendNotification({ method: "notifications/progress", params });
        }
        await pause(50);
      }
      return says(text("done"));
    },
  ],
  test_sampling: [
    object({ prompt: { type: "string" } }, ["prompt"]),
    async ({ prompt }, extra) => {
      const params = { messages: [{ role: "user", content: text(prompt) }], maxTokens: 100 };
      const asked = { method: "sampling/createMessage", params };
      const { content } = await extra.sendRequest(asked, mcp.CreateMessageResultSchema);
      return says(text(`LLM response: ${content.text}`));
    },
  ],
  test_elicitation: [
    object({ message: { type: "string" } }, ["message"]),
    ({ message }, extra) => elicit(extra, message, USER, "User response"),
  ],
  test_elicitation_sep1034_defaults: [
    object(),
    (_, extra) => elicit(extra, "Check the defaults", DEFAULTS, "Elicitation completed"),
  ],
  test_elicitation_sep1330_enums: [
    object(),
    (_, extra) => elicit(extra, "Choose", ENUMS, "Elicitation completed"),
  ],
  json_schema_2020_12_tool: [SCHEMA, () => says(text("valid"))],
  test_reconnection: [
    object(),
    async (_, extra) => {
      extra.closeSSEStream?.();
      await pause(100);
      return says(text("Reconnection test completed successfully"));
    },
  ],
};

const RESOURCES = {
  "test://static-text": { mimeType: "text/plain", text: "This is the content of the static text resource." },
  "test://static-binary": { mimeType: "image/png", blob: PNG },
  "test://watched-resource": { mimeType: "text/plain", text: "watched" },
};

function read(uri) {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id) {
    const data = { id, templateTest: true, data: `Data for ID: ${id}` };
    return { uri, mimeType: "application/json", text: JSON.stringify(data) };
  }
  if (!RESOURCES[uri]) {
    throw new mcp.McpError(mcp.ErrorCode.InvalidParams, `there is no ${uri}`);
  }
  return { uri, ...RESOURCES[uri] };
}

const user = (content) => ({ role: "user", content });
const argument = (name) => ({ name, description: name, required: true });

/** Prompts: their arguments, and their messages. */
const PROMPTS = {
  test_simple_prompt: [[], () => [user(text("This is a simple prompt for testing."))]],
  test_prompt_with_arguments: [
    [argument("arg1"), argument("arg2")],
    ({ arg1, arg2 }) => [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
  ],
  test_prompt_with_embedded_resource: [
    [argument("resourceUri")],
    ({ resourceUri }) => [
      user(embedded(resourceUri, "text/plain", "Embedded resource content for testing.")),
      user(text("Please process the embedded resource above.")),
    ],
  ],
  test_prompt_with_image: [[], () => [user(image), user(text("Please analyze the image above."))]],
};

function serve() {
  const capabilities = { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {}, logging: {} };
  const server = new Server({ name: "conformant", version: "1.0.0" }, { capabilities });
  const on = (schema, handler) => server.setRequestHandler(schema, handler);
  const described = (name) => ({ name, description: `for the suite: ${name}` });
  on(mcp.ListToolsRequestSchema, () => ({
    tools: Object.entries(TOOLS).map(([name, [inputSchema]]) => ({ ...described(name), inputSchema })),
  }));
  on(mcp.CallToolRequestSchema, ({ params }, extra) => {
    const tool = TOOLS[params.name];
    if (!tool) {
      throw new mcp.McpError(mcp.ErrorCode.InvalidParams, `there is no tool ${params.name}`);
    }
    return tool[1](params.arguments ?? {}, extra);
  });
  on(mcp.ListResourcesRequestSchema, () => ({
    resources: Object.entries(RESOURCES).map(([uri, { mimeType }]) => ({ uri, ...described(uri), mimeType })),
  }));
  on(mcp.ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [{ uriTemplate: "test://template/{id}/data", ...described("template") }],
  }));
  on(mcp.ReadResourceRequestSchema, ({ params }) => ({ contents: [read(params.uri)] }));
  on(mcp.SubscribeRequestSchema, () => ({}));
  on(mcp.UnsubscribeRequestSchema, () => ({}));
  on(mcp.ListPromptsRequestSchema, () => ({
    prompts: Object.entries(PROMPTS).map(([name, [args]]) => ({ ...described(name), arguments: args })),
  }));
  on(mcp.GetPromptRequestSchema, ({ params }) => ({ messages: PROMPTS[params.name][1](params.arguments ?? {}) }));
  on(mcp.CompleteRequestSchema, () => ({ completion: { values: ["paris", "park"], total: 2, hasMore: false } }));
  on(mcp.SetLevelRequestSchema, () => ({}));
  return server;
}

/** One conversation for each session, as long as the process lives; only for callers on this machine. */
function listen() {
  const sessions = new Map();
  const http = createServer(async (request, response) => {
    const known = sessions.get(request.headers["mcp-session-id"]);
    const transport = known ?? new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => sessions.set(id, transport),
      enableDnsRebindingProtection: true,
      allowedHosts: [`127.0.0.1:${http.address().port}`],
    });
    if (!known) {
      await serve().connect(transport);
    }
    await transport.handleRequest(request, response);
  });
  http.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${http.address().port}/mcp`));
}

if (process.argv[2] === "http") {
  listen();
} else {
  await serve().connect(new StdioServerTransport());
}
