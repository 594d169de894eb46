//! Recognizing what a file is by its content, so that it can be handed to the right operation of the core.
//!
//! Nothing is judged here: a wrong guess ends in a refusal by the core, never in a verdict.

/** What a file seems to be. */
export type Kind =
  | "archive"
  | "trace"
  | "token"
  | "registry"
  | "attestation"
  | "policy"
  | "intent"
  | "public_keys"
  | "private_key"
  | "record"
  | "json"
  | "unknown";

/** A file at first sight. */
export interface Look {
  kind: Kind;
  /** Base64 of the keys, when it is a file of public keys. */
  keys: string[];
  /** Top-level texts of a JSON document: for labels and pairing, not for verdicts. */
  facts: Readonly<Record<string, string>>;
  /** The key a trace, a token or a registry pack claims to be signed with. */
  keyId: string;
}

/** The core reads no larger JSON document and no larger policy either. */
const TEXT_BYTES = 16 * 1_048_576;
const PUBLIC_KEY = /^[A-Za-z0-9+/]{43}=$/;
const PRIVATE_KEY = /^[A-Za-z0-9+/]{86}==$/;
const POLICY_KEYS = /^\s*(schema_id|schema_version|default_verdict|rules|fail_closed)\s*:/m;

const SCHEMAS: Readonly<Record<string, Kind>> = {
  "gait.gate.trace": "trace",
  "gait.gate.approval_token": "token",
  "gait.gate.intent_request": "intent",
  "gait.gate.policy": "policy",
  "gait.registry.pack": "registry",
};

/** Reads as much of a file as it takes to recognize it. */
export async function look(name: string, blob: Blob): Promise<Look> {
  const head = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  // The name counts only for what does not begin like an archive: the core then says what is wrong with it.
  if ((head[0] === 0x50 && head[1] === 0x4b) || /\.zip$/i.test(name)) {
    return seen("archive");
  }
  if (blob.size > TEXT_BYTES) {
    return seen("unknown");
  }
  return lookAtText(await blob.text());
}

/** The same for a text. */
export function lookAtText(text: string): Look {
  const lines = text.split("\n").map((line) => line.trim());
  const words = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (words.some((line) => PRIVATE_KEY.test(line))) {
    return seen("private_key");
  }
  if (words.length > 0 && words.every((line) => PUBLIC_KEY.test(line))) {
    return { ...seen("public_keys"), keys: [...new Set(words)] };
  }
  if (/^\s*[{[]/.test(text.replace(/^\ufeff/, ""))) {
    return lookAtJson(text);
  }
  return seen(POLICY_KEYS.test(text) ? "policy" : "unknown");
}

function lookAtJson(text: string): Look {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // A damaged document is shown as what it set out to be, with the core's word on the damage.
    const named = /"schema_id"\s*:\s*"([a-z_.]+)"/.exec(text)?.[1] ?? "";
    const kind = SCHEMAS[named];
    return seen(kind ?? "json");
  }
  const fields = isObject(value) ? value : {};
  const facts: Record<string, string> = {};
  for (const [key, field] of Object.entries(fields)) {
    if (typeof field === "string") {
      facts[key] = field;
    }
  }
  const many: unknown = fields["signatures"];
  const signature = fields["signature"] ?? (Array.isArray(many) ? many[0] : undefined);
  const keyId = isObject(signature) ? (signature["key_id"] ?? signature["keyid"]) : undefined;
  return { ...seen(kindOf(fields)), facts, keyId: typeof keyId === "string" ? keyId : "" };
}

function kindOf(fields: Record<string, unknown>): Kind {
  const schema = fields["schema_id"];
  const named = typeof schema === "string" ? SCHEMAS[schema] : undefined;
  if (named !== undefined) {
    return named;
  }
  const has = (...keys: string[]) => keys.every((key) => key in fields);
  if (has("trace_id", "verdict")) {
    return "trace";
  }
  if (has("payload", "payloadType")) {
    return "attestation";
  }
  if (has("pack_name", "pack_version")) {
    return "registry";
  }
  if (has("token_id", "approver_identity")) {
    return "token";
  }
  if (has("run", "intents")) {
    return "record";
  }
  if (has("tool_name")) {
    return "intent";
  }
  return has("rules") || has("default_verdict") ? "policy" : "json";
}

function seen(kind: Kind): Look {
  return { kind, keys: [], facts: {}, keyId: "" };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
