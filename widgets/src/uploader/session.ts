/**
 * What all views of one uploader share: the engine, and the traits that tell the kernel.
 *
 *     value     files that are whole: {filePath, name, size, doneAt}, the last for files that replace each other
 *     uploads   every line of the list without its bytes, so that a reloaded page knows it too
 */
import { hear, write, type AnyModel } from "../anywidget";
import type { Timer } from "../dom";
import * as t from "../strings";
import { connect, sessionOf } from "../transport/index";
import { Engine } from "./engine";
import type { Target } from "./form";
import { past, unclaimed, type Past } from "./memory";
import { accepts, type Picked } from "./picking";
import type { Remembered, Upload } from "./upload";

const TELL_MS = 1_000; // a kernel's messages have a limit a second
const MOST_TOLD = 500; // and one has a size

interface Value {
  filePath: string;
  name: string;
  size: number;
  /** Milliseconds since the epoch. */
  doneAt: number;
}

export class Session {
  readonly engine: Engine;
  /** Sentences about what was not taken. */
  notice = "";
  #past: Past[];
  #ending = new AbortController();
  #watchers = new Set<(said: string) => void>();
  #telling: Timer = 0;
  #told = "";
  #whole: Value[] = [];
  #ready: Promise<void> | undefined;

  constructor(readonly model: AnyModel) {
    this.#past = past(model.get("uploads") as Remembered[]);
    const { signal } = this.#ending;
    this.engine = new Engine(() => connect(model, signal), () => this.#target(), {
      changed: () => this.#changed(),
      done: (upload) => this.#done(upload),
    });
    const emptied = (): void => void (model.get("value").length || (this.#whole = [])); // by the kernel
    hear(model, "change:value", emptied, signal);
    window.addEventListener("online", () => this.engine.wake(), { signal });
    window.addEventListener("beforeunload", (event) => this.engine.live && event.preventDefault(), { signal });
  }

  /** The list: what this page sends, after what an earlier one has left. */
  get lines(): (Upload | Past)[] {
    return [...unclaimed(this.#past, this.engine.uploads), ...this.engine.uploads];
  }

  /** Wait until it is known whether there is a way to the server. */
  get ready(): Promise<void> {
    return (this.#ready ??= this.engine.open());
  }

  /** Queue what was picked, as far as it is taken here. */
  add(picked: readonly Picked[]): void {
    const accept = this.model.get("accept") as string;
    const notices: string[] = [];
    let taken = picked.filter(({ file }) => {
      const fits = accepts(accept, file);
      if (!fits) notices.push(t.uploader.unaccepted(file.name, accept));
      return fits;
    });
    if (!this.model.get("multiple") && taken.length > 1) {
      taken = taken.slice(0, 1);
      notices.push(t.uploader.onlyOne);
    }
    this.notice = notices.slice(0, 3).join(" ");
    this.engine.add(taken);
    this.#changed(this.notice);
  }

  remove(line: Upload | Past): void {
    if ("file" in line) this.engine.remove(line);
    this.#past = this.#past.filter(({ id, path }) => id !== line.id || path !== line.path);
    this.#changed();
  }

  /** Hear of changes, with a sentence where there is something to say. */
  watch(changed: (said: string) => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  end(): void {
    this.engine.stop();
    this.#ending.abort();
    clearTimeout(this.#telling);
  }

  #target(): Target {
    const { model } = this;
    return {
      sessionId: model.get("session_id") || sessionOf(model),
      nodeName: model.get("node_name"),
      nodeId: model.get("node_id"),
      conflict: model.get("conflict"),
    };
  }

  #done({ filePath, name, size }: Upload): void {
    this.#whole = [...this.#whole.filter((one) => one.filePath !== filePath), { filePath, name, size, doneAt: Date.now() }];
    this.#changed(t.uploader.done(name));
    if (!this.engine.live) this.#tell();
  }

  #changed(said = ""): void {
    for (const watcher of this.#watchers) watcher(said);
    this.#telling ||= setTimeout(() => this.#tell(), TELL_MS);
  }

  /** What the kernel has, and what became whole here. Kept here until told: the kernel's echo of an earlier state
   * overwrites what a model holds unsaved. */
  #value(): Value[] {
    if (!this.model.get("multiple") && this.#whole.length) return this.#whole.slice(-1);
    const own = new Set(this.#whole.map(({ filePath }) => filePath));
    return [...(this.model.get("value") as Value[]).filter(({ filePath }) => !own.has(filePath)), ...this.#whole];
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = 0;
    const value = this.#value();
    const lines = this.lines.slice(-MOST_TOLD).map((line) => ("file" in line ? line.remember() : line));
    const now = JSON.stringify([lines, value]);
    if (now === this.#told) return;
    this.#told = now;
    write(this.model, { value, uploads: lines });
  }
}
