import { expect, test } from "vitest";
import { ApiError, type Reply, type RequestOptions, type Transport } from "../transport/index";
import type { Clock } from "./clock";
import { Engine } from "./engine";
import type { Upload } from "./upload";

const CHUNK = 100 << 10;

/** A server that keeps chunks as the real one does, and fails when told to. */
class FakeServer implements Transport {
  readonly kind = "http";
  readonly stored = new Map<string, Map<number, Uint8Array>>();
  readonly sizes: number[] = [];
  posts = 0;
  flying = 0;
  most = 0;
  /** How much of each chunk has left by the time it is looked at; then it arrives. */
  half = false;
  fault: (post: number, size: number) => ApiError | "lost answer" | null = () => null;
  config = { chunkSize: CHUNK, parallel: 3, maxChunkSize: 64 << 20, maxFileSize: null as number | null, maxChunks: 100_000 };

  url = (): null => null;

  async request(method: string, path: string, options: RequestOptions = {}): Promise<Reply> {
    await Promise.resolve();
    if (path === "/api/upload/config") return reply({ ...this.config, serverId: "one" });
    const query = new URLSearchParams(path.split("?")[1]);
    if (method === "DELETE") return reply({ cancelled: this.stored.delete(`${query.get("uploadId")}`) });
    if (method === "GET") return this.#status(`${query.get("uploadId")}`);
    if (this.half) options.left?.(CHUNK / 2);
    return this.#chunk(options.body as FormData, options.signal);
  }

  async #chunk(form: FormData, signal: AbortSignal | undefined): Promise<Reply> {
    const post = this.posts++;
    this.most = Math.max(this.most, ++this.flying);
    const bytes = new Uint8Array(await (form.get("file") as Blob).arrayBuffer());
    this.flying -= 1;
    signal?.throwIfAborted();
    const fault = this.fault(post, bytes.length);
    if (fault instanceof ApiError) throw fault;
    const id = String(form.get("uploadId"));
    const chunks = this.stored.get(id) ?? new Map<number, Uint8Array>();
    this.stored.set(id, chunks.set(Number(form.get("chunkIndex")), bytes));
    this.sizes.push(bytes.length);
    this.#totals.set(id, Number(form.get("totalChunks")));
    if (fault) throw offline();
    const completed = chunks.size === this.#totals.get(id);
    return reply({ completed, ...(completed && { filePath: `/temp/${form.get("relativePath")}` }) });
  }

  readonly #totals = new Map<string, number>();

  #status(id: string): Reply {
    const chunks = this.stored.get(id);
    const totalChunks = this.#totals.get(id);
    if (!chunks) throw new ApiError("There is no such upload.", { status: 404 });
    const completed = chunks.size === totalChunks;
    return reply({ completed, totalChunks, received: [...chunks.keys()].map((index) => [index, index]), ...(completed && { filePath: "/temp/x" }) });
  }

  content(upload: Upload): Buffer {
    const chunks = this.stored.get(upload.uploadId) ?? new Map<number, Uint8Array>();
    return Buffer.concat([...chunks].sort(([one], [other]) => one - other).map(([, bytes]) => bytes));
  }
}

const offline = (): ApiError => new ApiError("offline", { code: "offline" });
const reply = (body: unknown): Reply => ({ status: 200, headers: {}, json: () => body, bytes: () => new ArrayBuffer(0) });

/** A clock on which every wait is over at once. */
const clock: Clock = {
  now: () => 0,
  after(_, act) {
    let off = false;
    setTimeout(() => off || act());
    return () => void (off = true);
  },
  random: () => 1,
};

function bytes(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, index) => (index * seed * 31 + (index >> 8)) % 251);
}

const file = (name: string, size: number, seed = 1): File => new File([bytes(size, seed)], name, { lastModified: 7 });

function begin(server: FakeServer): { engine: Engine; until(holds: () => boolean): Promise<void> } {
  const watchers = new Set<() => void>();
  const engine = new Engine(
    () => Promise.resolve(server),
    () => ({ sessionId: "s", nodeName: "n", nodeId: "1" }),
    { changed: () => watchers.forEach((look) => look()), done: () => undefined },
    clock,
  );
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => void (holds() && resolve());
      watchers.add(look);
      look();
    });
  return { engine, until };
}

const all = (engine: Engine, state: string) => (): boolean => engine.uploads.every((upload) => upload.state === state);

async function sent(server: FakeServer, ...files: File[]): Promise<Engine> {
  const { engine, until } = begin(server);
  engine.add(files.map((one) => ({ file: one, path: one.name })));
  await until(all(engine, "done"));
  for (const upload of engine.uploads) {
    expect(server.content(upload).equals(Buffer.from(await upload.file.arrayBuffer()))).toBe(true);
  }
  return engine;
}

test.each([0, 1, CHUNK, CHUNK + 1, 7 * CHUNK - 3])("a file of %i bytes arrives whole", async (size) => {
  const server = new FakeServer();
  await sent(server, file("a", size));
  expect(server.most).toBeLessThanOrEqual(3);
});

test("what has left shows before the first chunk is acknowledged, and never counts twice", async () => {
  const server = new FakeServer();
  server.half = true;
  const { engine, until } = begin(server);
  const seen: number[][] = [];
  engine.add([{ file: file("a", 4 * CHUNK), path: "a" }]);
  await until(() => {
    const [upload] = engine.uploads;
    if (upload) seen.push([upload.sent, upload.moved]);
    return upload?.state === "done";
  });
  expect(seen).toContainEqual([0, CHUNK / 2]);
  expect(seen.every(([sent = 0, moved = 0]) => sent <= moved && moved <= 4 * CHUNK)).toBe(true);
  expect(seen.at(-1)).toEqual([4 * CHUNK, 4 * CHUNK]);
});

test("a hundred files arrive, a few chunks at once", async () => {
  const server = new FakeServer();
  await sent(server, ...Array.from({ length: 100 }, (_, index) => file(`${index}`, 1000 + index, index + 1)));
  expect(server.most).toBeLessThanOrEqual(3);
});

test("a chunk that is too large for something on the way is halved until it fits", async () => {
  const server = new FakeServer();
  server.config.chunkSize = 512 << 10;
  server.fault = (_, size) => (size > 128 << 10 ? new ApiError("too large", { status: 413 }) : null);
  await sent(server, file("a", 1 << 20));
  expect(Math.max(...server.sizes)).toBe(128 << 10);
});

test("whatever fails for a while is waited out", async () => {
  const server = new FakeServer();
  const faults = [offline(), new ApiError("", { status: 503 }), "lost answer" as const, new ApiError("", { status: 401 }), null, null];
  server.fault = (post) => faults[post % faults.length] ?? null;
  await sent(server, file("a", 10 * CHUNK), file("b", 3 * CHUNK, 3));
});

test("random faults lose nothing", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const server = new FakeServer();
    let state = seed;
    server.fault = () => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return ([null, null, offline(), "lost answer"] as const)[(state >> 16) % 4] ?? null;
    };
    await sent(server, file("a", 5 * CHUNK + seed, seed), file("b", seed));
  }
});

test("a file that is too large for the server is refused before a byte is sent", async () => {
  const server = new FakeServer();
  server.config.maxFileSize = 10;
  const { engine, until } = begin(server);
  engine.add([{ file: file("a", 11), path: "a" }]);
  await until(all(engine, "failed"));
  expect(server.posts).toBe(0);
  expect(engine.uploads[0]?.trouble?.message).toContain("11 B");
});

test("a full disk pauses, and what was sent is not sent again", async () => {
  const server = new FakeServer();
  server.config.parallel = 1;
  server.fault = (post) => (post === 2 ? new ApiError("full", { status: 507 }) : null);
  const { engine, until } = begin(server);
  engine.add([{ file: file("a", 5 * CHUNK), path: "a" }]);
  await until(all(engine, "paused"));
  engine.resume(engine.uploads[0] as Upload);
  await until(all(engine, "done"));
  expect(server.posts).toBe(6);
});

test("another page that picks the same file sends only what is missing", async () => {
  const server = new FakeServer();
  server.config.parallel = 1;
  const first = begin(server);
  first.engine.add([{ file: file("a", 5 * CHUNK), path: "a" }]);
  await first.until(() => server.posts >= 3);
  first.engine.stop();
  const before = server.sizes.length;
  await sent(server, file("a", 5 * CHUNK));
  expect(server.sizes.length - before).toBeLessThanOrEqual(5 - before + 1);
});

test("a cancelled upload is forgotten by the server, and can be begun anew", async () => {
  const server = new FakeServer();
  const { engine, until } = begin(server);
  engine.add([{ file: file("a", 5 * CHUNK), path: "a" }]);
  await until(() => server.sizes.length > 0);
  await engine.cancel(engine.uploads[0] as Upload);
  expect(server.stored.size).toBe(0);
  engine.add([{ file: file("a", 5 * CHUNK), path: "a" }]);
  await until(all(engine, "done"));
  expect(engine.uploads).toHaveLength(1);
});

test("the same file twice is one upload", () => {
  const { engine } = begin(new FakeServer());
  engine.add([{ file: file("a", 9), path: "a" }, { file: file("a", 9), path: "a" }]);
  engine.add([{ file: file("a", 9), path: "a" }]);
  expect(engine.uploads).toHaveLength(1);
});
