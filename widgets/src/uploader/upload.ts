/**
 * One file on its way: which of its chunks the server has, and in which state it is.
 *
 *     queued --> sending <--> waiting (the network, the server or the login is gone; goes on by itself)
 *                   |  \--> paused (a person, or a full disk) --> queued
 *                   |--> done          the server has the whole file
 *                   |--> failed        with a sentence --> queued, by retry
 *                   \--> cancelled
 */
import { Rate } from "../format";
import type { ApiError } from "../transport/index";

export type State = "queued" | "sending" | "waiting" | "paused" | "done" | "failed" | "cancelled";

/** What happened, for people. */
export interface Trouble {
  message: string;
  hint: string;
}

/** What the kernel and a later page may know of an upload: never its bytes. */
export interface Remembered {
  id: string;
  name: string;
  path: string;
  size: number;
  modified: number;
  chunkSize: number;
  state: State;
  sent: number;
  filePath: string;
  message: string;
}

/** A chunk under way: what ends it, and how many of its bytes have left. */
export class Flight extends AbortController {
  left = 0;
}

export class Upload {
  state: State = "queued";
  trouble: Trouble | null = null;
  filePath = "";
  chunkSize = 0;
  /** Whether the server was asked what it has already. */
  known = false;
  /** Sent with the first chunk after a cancelled try, which the server would refuse otherwise. */
  restart = false;
  tries = 0;
  readonly rate = new Rate();
  readonly flying = new Map<number, Flight>();
  #missing: number[] = [];
  #received = new Set<number>();

  /** @param path the folder a file was picked in, and its name: `photos/a.jpg` */
  constructor(
    readonly file: File,
    readonly path: string,
  ) {}

  get name(): string {
    return this.file.name;
  }

  get size(): number {
    return this.file.size;
  }

  /** One and the same file has one and the same id, in every page, as long as nobody changes it. */
  get id(): string {
    return [this.size, this.file.lastModified].map((number) => number.toString(36)).join("-");
  }

  /** The server's id; chunks of another size are another upload. */
  get uploadId(): string {
    return `${this.id}-${this.chunkSize.toString(36)}`;
  }

  get chunks(): number {
    return Math.max(1, Math.ceil(this.size / this.chunkSize));
  }

  /** Bytes that the server has acknowledged. */
  get sent(): number {
    if (this.state === "done") return this.size;
    let sum = 0;
    for (const index of this.#received) sum += this.#sizeOf(index);
    return sum;
  }

  /** Bytes that have left, acknowledged or not yet: what moves on a slow line. */
  get moved(): number {
    let sum = this.sent;
    for (const [index, { left }] of this.flying) if (!this.#received.has(index)) sum += Math.min(left, this.#sizeOf(index));
    return Math.min(sum, this.size);
  }

  get live(): boolean {
    return this.state === "queued" || this.state === "sending" || this.state === "waiting";
  }

  /** Begin with chunks of this size, of which the server has some; never all: the last one makes it look again. */
  plan(chunkSize: number, received: readonly (readonly [number, number])[] = []): void {
    this.chunkSize = chunkSize;
    this.#received = new Set();
    for (const [first, last] of received) for (let index = first; index <= last; index++) this.#received.add(index);
    if (this.whole) this.#received.delete(this.chunks - 1);
    this.#missing = Array.from({ length: this.chunks }, (_, index) => index).filter((index) => !this.#received.has(index));
  }

  /** Take the next chunk to send. */
  take(): number | undefined {
    return this.#missing.shift();
  }

  /** Give a chunk back that did not get through. */
  giveBack(index: number): void {
    if (this.#received.has(index) || this.#missing.includes(index)) return;
    this.#missing.push(index);
    this.#missing.sort((one, other) => one - other);
  }

  acknowledged(index: number, now: number): void {
    this.#received.add(index);
    this.tries = 0;
    this.rate.add(this.moved, now);
  }

  get whole(): boolean {
    return this.#received.size === this.chunks;
  }

  bytes(index: number): Blob {
    return this.file.slice(index * this.chunkSize, index * this.chunkSize + this.#sizeOf(index));
  }

  /** Stop what is under way; its chunks count as not sent. */
  halt(): void {
    for (const flight of this.flying.values()) flight.abort();
    this.rate.clear();
  }

  fail(error: Pick<ApiError, "message" | "hint">, state: State = "failed"): void {
    this.state = state;
    this.trouble = { message: error.message, hint: error.hint };
    this.halt();
  }

  remember(): Remembered {
    const { id, name, path, size, chunkSize, state, sent, filePath } = this;
    const modified = this.file.lastModified;
    return { id, name, path, size, modified, chunkSize, state, sent, filePath, message: this.trouble?.message ?? "" };
  }

  #sizeOf(index: number): number {
    return Math.min(this.chunkSize, this.size - index * this.chunkSize);
  }
}
