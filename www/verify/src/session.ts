//! The state of the page: files, keys, outcomes, and what is to be worked out next. One thing is worked on at a time.

import { Cancelled, type CoreClient } from "./core_client.js";
import { type Answer, type Comparison, type Item, ofKind } from "./items.js";
import { attempt, explain, judge, lookInto, type Surroundings } from "./judge.js";
import type { Keyring } from "./keys.js";
import type { Kind } from "./look.js";
import type { Progress } from "./protocol.js";

/** What the session tells the view. */
export interface Listener {
  /** Something about one item changed; without a name, anything may have. */
  changed(item?: Item): void;
  progressed(of: Item | Comparison): void;
  /** Every item has its verdict; slower looks may go on. */
  judged(): void;
  notice(text: string): void;
}

/** Archives up to this size are looked into, and compared, without being asked. */
const SMALL = 64_000_000;
/** Files of one drop; more is taken for an accident. */
const FILES = 200;
/** Pairs of policy and intent that are judged. */
const PAIRS = 25;

/** What others depend on comes first. */
const ORDER: Readonly<Partial<Record<Kind, number>>> = { policy: 0, intent: 1, archive: 2, trace: 4, token: 4 };

export class Session {
  readonly items: Item[] = [];
  readonly keys: Keyring;
  answers: Answer[] = [];
  comparison: Comparison | undefined;
  /** Ids of the runpacks that are chosen for a comparison. */
  readonly chosen: [number?, number?] = [];
  /** Only a signature by one of the keys makes an artifact sound, once there are keys. */
  required = true;
  readonly #client: CoreClient;
  readonly #listener: Listener;
  #next = 1;
  #drop = 0;
  #running = false;
  /** What the worker is busy with. */
  #current: Item | Comparison | undefined;
  /** Something changed since policies were asked about intents. */
  #unanswered = false;

  constructor(client: CoreClient, keys: Keyring, listener: Listener) {
    this.#client = client;
    this.keys = keys;
    this.#listener = listener;
  }

  /** Takes files in. Keys go to the keyring; private keys go nowhere. */
  async add(files: readonly { name: string; blob: Blob }[]): Promise<void> {
    if (files.length > FILES) {
      this.#listener.notice(`Only the first ${FILES} files were taken.`);
    }
    this.#drop += 1;
    const drop = this.#drop;
    let keys = 0;
    for (const { name, blob } of files.slice(0, FILES)) {
      const look = await this.#look(name, blob);
      if (look === undefined) {
        this.#listener.notice(`“${name}” cannot be read. A folder has to be opened and its files dropped.`);
      } else if (look.kind === "private_key") {
        this.#listener.notice(
          `“${name}” holds a PRIVATE key. It was not kept. Never hand out private keys; the public half has 44 characters.`,
        );
      } else if (look.kind === "public_keys") {
        keys += await this.#addKeys(look.keys, name, drop);
      } else {
        this.items.push({ id: this.#next, drop, name: this.#nameFor(name), blob, look, state: "waiting", reading: false });
        this.#next += 1;
      }
    }
    if (keys > 0) {
      const added = keys === 1 ? "One public key was added." : `${keys} public keys were added.`;
      this.#listener.notice(`${added} It counts as yours now: keep only keys that did not come from whoever sent the files.`);
      this.keysChanged();
    }
    this.#listener.changed();
    void this.#run();
  }

  /** Judges anew whatever depends on the keys. */
  keysChanged(): void {
    this.#again((item) => !["policy", "intent"].includes(item.look.kind));
    this.#listener.changed();
    void this.#run();
  }

  remove(item: Item): void {
    if (this.#current === item) {
      this.#client.cancel();
    }
    this.items.splice(this.items.indexOf(item), 1);
    if (this.comparison?.left === item || this.comparison?.right === item) {
      this.comparison = undefined;
    }
    this.#again(({ look }) => look.kind === "trace" || look.kind === "token");
    this.answers = this.answers.filter(({ policy, intent }) => policy !== item.name && intent !== item.name);
    this.#unanswered = true;
    this.#listener.changed();
    void this.#run();
  }

  clear(): void {
    if (this.#current !== undefined) {
      this.#client.cancel();
    }
    this.items.length = 0;
    this.answers = [];
    this.comparison = undefined;
    this.#listener.changed();
  }

  /** Stops the work on something, or takes it off the list of what is to be done. */
  stop(of: Item | Comparison): void {
    if (this.#current === of) {
      this.#client.cancel();
    } else if ("reading" in of) {
      of.reading = false;
      this.#listener.changed(of);
    }
  }

  retry(item: Item): void {
    item.state = "waiting";
    this.#listener.changed(item);
    void this.#run();
  }

  /** Looks into an archive that is too large to be looked into unasked. */
  read(item: Item): void {
    item.reading = true;
    this.#listener.changed(item);
    void this.#run();
  }

  compare(left: Item, right: Item): void {
    this.comparison = { left, right, state: "waiting" };
    this.#listener.changed();
    void this.#run();
  }

  async #look(name: string, blob: Blob) {
    for (;;) {
      try {
        return await this.#client.look(name, blob);
      } catch (error) {
        if (!(error instanceof Cancelled)) {
          return undefined;
        }
      }
    }
  }

  async #addKeys(keys: readonly string[], from: string, drop: number): Promise<number> {
    let added = 0;
    for (const key of keys) {
      added += Number(await this.keys.add(key, from, drop));
    }
    return added;
  }

  /** Operations tell files apart by name, so no two may share one. */
  #nameFor(name: string): string {
    const taken = (candidate: string) => this.items.some((item) => item.name === candidate);
    let free = name;
    for (let number = 2; taken(free); number += 1) {
      free = `${name} (${number})`;
    }
    return free;
  }

  #again(which: (item: Item) => boolean): void {
    for (const item of this.items) {
      if (which(item) && item.state === "done") {
        item.state = "waiting";
      }
    }
  }

  async #run(): Promise<void> {
    if (this.#running) {
      return;
    }
    this.#running = true;
    try {
      let news = false;
      for (;;) {
        const item = this.#waiting();
        if (item !== undefined) {
          await this.#judge(item);
          news = true;
        } else if (news || this.#unanswered) {
          this.#unanswered = false;
          await this.#answer();
          if (news) {
            this.#listener.judged();
          }
          news = false;
        } else if (!(await this.#slower())) {
          return;
        }
      }
    } finally {
      this.#running = false;
    }
  }

  #waiting(): Item | undefined {
    const rank = (item: Item) => ORDER[item.look.kind] ?? 3;
    return this.items.filter(({ state }) => state === "waiting").sort((left, right) => rank(left) - rank(right))[0];
  }

  async #judge(item: Item): Promise<void> {
    item.state = "working";
    this.#listener.changed(item);
    const before = item.outcome;
    await this.#stoppable(item, async () => {
      const outcome = await judge(item, this.#around(item));
      const known = before?.kind === "runpack" ? before.contents : undefined;
      // Only a sound runpack has a footer: one that became sound is looked into once more.
      if (outcome.kind === "runpack" && known && (known.footer || outcome.verdict.standing !== "sound")) {
        outcome.contents = known;
      }
      item.outcome = outcome;
      item.state = "done";
    });
    if (before === undefined && item.outcome !== undefined) {
      this.#arrived(item.outcome.kind, item);
    }
    this.#listener.changed(item);
  }

  /** What came before may look different beside the newcomer. */
  #arrived(kind: string, newcomer: Item): void {
    const depends: Readonly<Record<string, readonly string[]>> = {
      policy: ["trace", "token"],
      intent: ["trace", "token"],
      runpack: ["trace", "pack", "attestation"],
      pack: ["attestation"],
    };
    this.#again((item) => item !== newcomer && (depends[kind] ?? []).includes(item.outcome?.kind ?? ""));
  }

  /** Every policy is asked about every intent, unless a trace did that already. */
  async #answer(): Promise<void> {
    const done = new Set(ofKind(this.items, "trace").map(({ outcome }) => `${outcome.recheck?.policy}\n${outcome.recheck?.intent}`));
    const answers: Answer[] = [];
    for (const policy of ofKind(this.items, "policy")) {
      for (const intent of ofKind(this.items, "intent")) {
        const usable = policy.outcome.report !== undefined && intent.outcome.digests !== undefined;
        if (usable && answers.length < PAIRS && !done.has(`${policy.name}\n${intent.name}`)) {
          const known = this.answers.find((answer) => answer.policy === policy.name && answer.intent === intent.name);
          try {
            answers.push(known ?? (await explain(policy, intent, this.#around(policy))));
          } catch (error) {
            ignoreCancelled(error);
          }
        }
      }
    }
    const here = (name: string) => this.items.some((item) => item.name === name);
    this.answers = answers.filter(({ policy, intent }) => here(policy) && here(intent));
    this.#listener.changed();
  }

  /** What takes longer and changes no verdict: looking into archives, comparing two. False when nothing is left. */
  async #slower(): Promise<boolean> {
    const runpacks = ofKind(this.items, "runpack").filter(({ outcome }) => outcome.report !== undefined);
    const asked = runpacks.find((item) => item.reading);
    const item = asked ?? runpacks.find(({ state, blob, outcome }) => state === "done" && blob.size <= SMALL && outcome.contents === undefined);
    if (item !== undefined) {
      const { outcome } = item;
      item.reading = true;
      this.#listener.changed(item);
      // Stopping leaves an empty look behind, so that it does not begin again by itself.
      outcome.contents = {};
      await this.#stoppable(item, async () => {
        outcome.contents = await lookInto(item, outcome.verdict.standing === "sound", this.#around(item));
      }, "done");
      item.reading = false;
      this.#listener.changed(item);
      return true;
    }
    const [left, right] = runpacks;
    if (this.comparison === undefined && runpacks.length === 2 && left && right && left.blob.size + right.blob.size <= SMALL) {
      this.comparison = { left, right, state: "waiting" };
    }
    if (this.comparison?.state === "waiting") {
      await this.#compare(this.comparison);
      return true;
    }
    return false;
  }

  async #compare(comparison: Comparison): Promise<void> {
    comparison.state = "working";
    this.#listener.changed();
    const around = this.#around(comparison);
    const { left, right } = comparison;
    this.#current = comparison;
    try {
      const answer = await attempt(around, "run.diff", { left: left.name, right: right.name }, [left, right]);
      if ("fault" in answer) {
        comparison.fault = answer.fault;
      } else {
        comparison.diff = answer.reply;
      }
      comparison.state = "done";
    } catch (error) {
      ignoreCancelled(error);
      comparison.state = "stopped";
    } finally {
      this.#current = undefined;
    }
    this.#listener.changed();
  }

  async #stoppable(item: Item, work: () => Promise<void>, then: Item["state"] = "stopped"): Promise<void> {
    this.#current = item;
    try {
      await work();
    } catch (error) {
      ignoreCancelled(error);
      item.state = then;
    } finally {
      this.#current = undefined;
      delete item.progress;
    }
  }

  #around(of: Item | Comparison): Surroundings {
    const progress = (told: Progress) => {
      of.progress = told;
      this.#listener.progressed(of);
    };
    return { client: this.#client, items: this.items, keys: this.keys.all, required: this.required, progress };
  }
}

function ignoreCancelled(error: unknown): void {
  if (!(error instanceof Cancelled)) {
    throw error;
  }
}
