/**
 * The queue: a few chunks under way at once, whatever files they belong to.
 *
 *     add --> ask the server what it has --> send what is missing --> the reply that says `completed`
 *                                              |-- 413               halve the chunk, begin again
 *                                              |-- 507               pause: the disk is full, nothing is lost
 *                                              |-- offline, 5xx, 429, a login that expired
 *                                              |                     everything waits, looks for the way to the
 *                                              |                     server again, and goes on
 *                                              \-- other refusals    that file fails, with the server's sentence
 *
 * A chunk that is sent twice counts once on the server, so whatever is in doubt is sent again. Knows no page:
 * time and the way to the server are given to it.
 */
import * as t from "../strings";
import type { ApiError, Reply, Transport } from "../transport/index";
import type { ChunkReply, ConfigReply, StatusReply } from "../wire";
import { CLOCK, type Clock } from "./clock";
import { formOf, namesOf, type Target } from "./form";
import { asError, chunkFor, expired, readable, SMALLEST_CHUNK, smaller, waitFor } from "./rules";
import { Flight, Upload } from "./upload";

export interface Hooks {
  /** Something is to be drawn or remembered. */
  changed(): void;
  /** A file is whole on the server. */
  done(upload: Upload): void;
}

const CHUNK_TIMEOUT_MS = 60_000;

export class Engine {
  readonly uploads: Upload[] = [];
  /** Why there is no way to the server. */
  trouble: ApiError | null = null;
  #transport: Transport | null = null;
  #config: ConfigReply | null = null;
  #reaching: Promise<void> | null = null;
  #busy = 0;
  #callOff: (() => void) | null = null;

  /** @param reach finds the way to the server, anew after each loss */
  constructor(
    readonly reach: () => Promise<Transport>,
    readonly target: () => Target,
    readonly hooks: Hooks,
    readonly clock: Clock = CLOCK,
  ) {}

  /** Whether something is on its way: leaving the page now would interrupt it. */
  get live(): boolean {
    return this.uploads.some((upload) => upload.live);
  }

  get transport(): Transport | null {
    return this.#transport;
  }

  /** Find the way to the server before there is anything to send. */
  open(): Promise<void> {
    return (this.#reaching ??= this.#connect());
  }

  /** Queue files; the same file twice is one upload. */
  add(files: readonly { file: File; path: string }[]): void {
    for (const { file, path } of files) {
      const upload = new Upload(file, path);
      const same = this.uploads.find((known) => known.id === upload.id && known.path === path);
      if (same && same.state !== "cancelled") {
        if (!same.live && same.state !== "done") this.resume(same);
        continue;
      }
      if (same) this.remove(same);
      upload.restart = !!same;
      this.uploads.push(upload);
    }
    this.#step();
  }

  pause(upload: Upload): void {
    if (!upload.live) return;
    upload.state = "paused";
    upload.trouble = null;
    upload.halt();
    this.#step();
  }

  /** Go on with what was paused, failed or given up. */
  resume(upload: Upload): void {
    if (upload.live || upload.state === "done") return;
    upload.restart ||= upload.state === "cancelled";
    upload.state = "queued";
    upload.trouble = null;
    upload.known = false;
    this.#step();
  }

  /** Give an upload up, here and on the server. */
  async cancel(upload: Upload): Promise<void> {
    if (upload.state === "done" || upload.state === "cancelled") return;
    upload.state = "cancelled";
    upload.trouble = null;
    upload.halt();
    this.#step();
    await this.#forget(upload);
  }

  /** Take an upload off the list. */
  remove(upload: Upload): void {
    const at = this.uploads.indexOf(upload);
    if (at >= 0) this.uploads.splice(at, 1);
    this.hooks.changed();
  }

  /** Do not wait any longer: the network is back. */
  wake(): void {
    if (!this.#callOff) return;
    this.#callOff();
    this.#goOn();
  }

  stop(): void {
    this.#callOff?.();
    for (const upload of this.uploads) if (upload.live) this.pause(upload);
  }

  #step(): void {
    this.#fill();
    this.hooks.changed();
  }

  /** Keep as many pieces of work under way as the server advises. */
  #fill(): void {
    if (this.#callOff || this.#reaching) return;
    if (!this.#transport || !this.#config) {
      if (this.live) void this.open();
      return;
    }
    while (this.#busy < this.#config.parallel) {
      const work = this.#next(this.#transport, this.#config);
      if (!work) return;
      this.#busy += 1;
      void work().finally(() => {
        this.#busy -= 1;
        this.#step();
      });
    }
  }

  async #connect(): Promise<void> {
    try {
      this.#transport = await this.reach();
      this.#config = (await this.#transport.request("GET", "/api/upload/config")).json() as ConfigReply;
      this.trouble = null;
    } catch (error) {
      this.#transport = null;
      this.trouble = asError(error);
      if (this.live) this.#wait(this.trouble);
    } finally {
      this.#reaching = null;
    }
    this.#step();
  }

  /** Give the next piece of work, in the order of the list. */
  #next(transport: Transport, config: ConfigReply): (() => Promise<void>) | null {
    for (const upload of this.uploads) {
      if (upload.state === "queued") {
        if (config.maxFileSize !== null && upload.size > config.maxFileSize) {
          upload.fail({ message: t.uploader.tooLarge(upload.size, config.maxFileSize), hint: t.uploader.tooLargeHint });
          continue;
        }
        upload.state = "sending";
        return () => this.#look(transport, config, upload);
      }
      if (upload.state !== "sending" || !upload.known) continue;
      const index = upload.take();
      if (index !== undefined) return () => this.#send(transport, upload, index);
      if (upload.whole && !upload.flying.size) return () => this.#look(transport, config, upload); // its last answer was lost
    }
    return null;
  }

  /** Ask the server what it has of a file. */
  async #look(transport: Transport, config: ConfigReply, upload: Upload): Promise<void> {
    upload.known = false;
    if (!upload.chunkSize) upload.plan(chunkFor(upload.size, transport, config));
    try {
      const query = new URLSearchParams(namesOf(this.target(), upload));
      const status = (await transport.request("GET", `/api/upload?${query}`)).json() as StatusReply;
      if (status.completed && status.filePath) return this.#completed(upload, status.filePath);
      upload.plan(upload.chunkSize, status.totalChunks === upload.chunks ? status.received : []);
    } catch (error) {
      const { status } = asError(error);
      if (status !== 404 && status !== 410) return this.#refused(upload, error);
      upload.restart ||= status === 410;
      upload.plan(upload.chunkSize);
    }
    upload.known = true;
  }

  async #send(transport: Transport, upload: Upload, index: number): Promise<void> {
    const flight = new Flight();
    upload.flying.set(index, flight);
    try {
      const reply = await transport.request("POST", "/api/upload", {
        body: formOf(this.target(), upload, index),
        signal: flight.signal,
        timeout: CHUNK_TIMEOUT_MS,
        left: (bytes) => {
          flight.left = bytes;
          upload.rate.add(upload.moved, this.clock.now());
          this.hooks.changed();
        },
      });
      this.#acknowledged(upload, index, reply);
    } catch (error) {
      if (upload.state !== "done") upload.giveBack(index);
      if (!flight.signal.aborted) await this.#refused(upload, error);
    } finally {
      upload.flying.delete(index);
    }
  }

  #acknowledged(upload: Upload, index: number, reply: Reply): void {
    const { completed, filePath } = reply.json() as ChunkReply;
    upload.restart = false;
    upload.acknowledged(index, this.clock.now());
    if (completed && filePath) this.#completed(upload, filePath);
    this.hooks.changed();
  }

  #completed(upload: Upload, filePath: string): void {
    if (upload.state === "cancelled") return;
    upload.filePath = filePath;
    upload.state = "done";
    upload.trouble = null;
    upload.halt();
    this.hooks.done(upload);
  }

  async #refused(upload: Upload, reason: unknown): Promise<void> {
    const error = asError(reason);
    if (upload.state !== "sending") return;
    if (error.status === 413 && upload.chunkSize > SMALLEST_CHUNK) return this.#halve(upload);
    if (error.status === 507) return upload.fail(error, "paused");
    if (error.retryable || expired(error)) {
      if (await readable(upload.file)) return this.#wait(error);
      return upload.fail({ message: t.uploader.unreadable, hint: t.uploader.unreadableHint });
    }
    upload.fail(error);
  }

  /** Begin again with smaller chunks: something on the way takes no larger ones. */
  async #halve(upload: Upload): Promise<void> {
    upload.known = false; // so that no other chunk of the old size leaves meanwhile
    upload.halt();
    await this.#forget(upload);
    upload.known = true;
    upload.plan(smaller(upload.chunkSize));
  }

  /** Let everything wait, and look for the way to the server again. */
  #wait(error: ApiError): void {
    const live = this.uploads.filter(({ live }) => live);
    for (const upload of live) {
      upload.halt();
      upload.state = "waiting";
      upload.trouble = { message: error.message, hint: error.hint };
    }
    if (this.#callOff) return;
    const tries = Math.max(0, ...live.map((upload) => upload.tries++));
    this.#transport = null;
    this.#callOff = this.clock.after(waitFor(error, tries, this.clock.random()), () => this.#goOn());
    this.hooks.changed();
  }

  #goOn(): void {
    this.#callOff = null;
    for (const upload of this.uploads) if (upload.state === "waiting") upload.state = "queued";
    this.#step();
  }

  async #forget(upload: Upload): Promise<void> {
    const query = new URLSearchParams(namesOf(this.target(), upload));
    // a server that cannot be told forgets by itself, after a day
    await this.#transport?.request("DELETE", `/api/upload?${query}`).catch(() => undefined);
  }
}
