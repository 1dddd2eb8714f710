import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeFollower, type Follower, type Job, type Listener } from "./jobs";
import type { Reply, Transport } from "./transport/index";

class FakeStream {
  static made: FakeStream[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    FakeStream.made.push(this);
  }
  close(): void {
    this.closed = true;
  }
  say(job: Job): void {
    this.onmessage?.({ data: JSON.stringify(job) });
  }
}

const job = (job_id: string, more: Partial<Job> = {}): Job => ({
  job_id,
  kind: "download",
  model_id: "m",
  subject: "m",
  status: "running",
  state: "running",
  stage: "downloading",
  progress: 10,
  message: "",
  code: null,
  hint: null,
  bytes: 1,
  total_bytes: 10,
  speed_bps: 1,
  eta_s: 1,
  attempt: 1,
  retry_at: null,
  time: 1,
  ...more,
});

/** A server of jobs that can be switched off, and notes what it is asked. */
class FakeServer implements Pick<Transport, "request" | "url"> {
  jobs: Job[] = [];
  asked: string[] = [];
  broken: { status: number } | null = null;
  constructor(readonly kind: "http" | "comm" = "http") {}
  url = (path: string): string | null => (this.kind === "http" ? `/base${path}` : null);
  request = async (method: string, path: string): Promise<Reply> => {
    this.asked.push(`${method} ${path}`);
    if (this.broken) throw Object.assign(new Error("gone"), this.broken);
    const id = path.split("/").find((part) => this.jobs.some((one) => one.job_id === part));
    if (path.includes("/status/") && !id) throw Object.assign(new Error("unknown"), { status: 404 });
    const body: unknown = id ? this.jobs.find((one) => one.job_id === id) : this.jobs;
    return { status: 200, headers: {}, json: () => body, bytes: () => new ArrayBuffer(0) } as Reply;
  };
}

const listener = (): Listener & { heard: Job[]; troubles: unknown[] } => {
  const heard: Job[] = [];
  const troubles: unknown[] = [];
  return { heard, troubles, changed: (jobs) => heard.push(...jobs), trouble: (error) => troubles.push(error) };
};

const join = (follower: Follower, server: FakeServer, hears: Listener) => follower.join(server as unknown as Transport, hears);

beforeEach(() => {
  vi.useFakeTimers();
  FakeStream.made = [];
  vi.stubGlobal("EventSource", FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("twenty widgets that look at the same time ask once, and nothing more while nothing moves", async () => {
  const server = new FakeServer();
  server.jobs = [job("a", { state: "completed", status: "completed" })];
  const follower = makeFollower();
  const members = Array.from({ length: 20 }, () => join(follower, server, listener()));
  await Promise.all(members.map((member) => member.look("skip")));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.asked).toEqual(["GET /api/downloads?limit=100"]);
  expect(FakeStream.made).toEqual([]);
});

test("idle looks are at least five seconds apart, whoever asks", async () => {
  const server = new FakeServer();
  const follower = makeFollower();
  const members = [join(follower, server, listener()), join(follower, server, listener())];
  for (let second = 0; second < 20; second += 1) {
    await members[second % 2]?.look("skip");
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(server.asked.length).toBe(4);
});

test("who looks too early is answered when the quiet is over, and everybody by one request", async () => {
  const server = new FakeServer();
  const follower = makeFollower();
  const members = [join(follower, server, listener()), join(follower, server, listener())];
  await members[0]?.look();
  await Promise.all(members.map((member) => member.look("wait")));
  expect(server.asked.length).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.asked.length).toBe(2);
});

test("what moves is followed by one stream, which ends with the job", async () => {
  const server = new FakeServer();
  server.jobs = [job("a")];
  const follower = makeFollower();
  const hears = listener();
  const member = join(follower, server, hears);
  join(follower, server, listener());
  await member.look();
  expect(FakeStream.made.map((stream) => stream.url)).toEqual(["/base/api/downloads/events"]);
  FakeStream.made[0]?.say(job("a", { progress: 50, time: 2 }));
  FakeStream.made[0]?.say(job("a", { progress: 100, time: 3, state: "completed", status: "completed" }));
  expect(hears.heard.map((one) => one.progress)).toEqual([10, 50, 100]);
  expect(FakeStream.made[0]?.closed).toBe(true);
});

test("older news never replaces newer", async () => {
  const server = new FakeServer();
  server.jobs = [job("a", { time: 5, progress: 50 })];
  const follower = makeFollower();
  const member = join(follower, server, listener());
  await member.look();
  FakeStream.made[0]?.say(job("a", { time: 4, progress: 40 }));
  expect(member.jobs()[0]?.progress).toBe(50);
});

test("a paused job is not asked about", async () => {
  const server = new FakeServer("comm");
  server.jobs = [job("a", { state: "paused" })];
  const member = join(makeFollower(), server, listener());
  await member.look();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.asked.length).toBe(1);
});

test("over the comm one poller asks every two seconds while something moves", async () => {
  const server = new FakeServer("comm");
  server.jobs = [job("a")];
  const follower = makeFollower();
  const members = Array.from({ length: 5 }, () => join(follower, server, listener()));
  await Promise.all(members.map((member) => member.look("skip")));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(server.asked.length).toBe(6);
  expect(FakeStream.made).toEqual([]);
});

test("a server that is gone is asked again, more and more rarely, and the job is there when it is back", async () => {
  const server = new FakeServer();
  server.jobs = [job("a")];
  const hears = listener();
  const member = join(makeFollower(), server, hears);
  await member.look();
  server.broken = { status: 0 };
  FakeStream.made[0]?.onerror?.();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.asked.length).toBeLessThan(10);
  expect(member.jobs()[0]?.state).toBe("running");
  server.broken = null;
  server.jobs = [job("a", { time: 9, progress: 77 })];
  await vi.advanceTimersByTimeAsync(15_000);
  expect(member.jobs()[0]?.progress).toBe(77);
  expect(hears.troubles.at(-1)).toBeNull();
  expect(FakeStream.made.length).toBe(2);
});

test("a refusal is not repeated", async () => {
  const server = new FakeServer();
  server.broken = { status: 403 };
  const member = join(makeFollower(), server, listener());
  await member.look();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.asked.length).toBe(1);
});

test("streams that never say anything, as behind a buffering proxy, give way to polling", async () => {
  const server = new FakeServer();
  server.jobs = [job("a")];
  const member = join(makeFollower(), server, listener());
  await member.look();
  for (let tries = 0; tries < 3; tries += 1) {
    FakeStream.made[tries]?.onerror?.();
    await vi.advanceTimersByTimeAsync(0);
  }
  const before = server.asked.length;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(FakeStream.made.length).toBe(3);
  expect(server.asked.length).toBe(before + 5);
});

test("the widget that carried the stream leaves, and another carries on", async () => {
  const first = new FakeServer();
  const second = new FakeServer();
  first.jobs = second.jobs = [job("a")];
  const follower = makeFollower();
  const member = join(follower, first, listener());
  const other = join(follower, second, listener());
  await member.look();
  member.leave();
  expect(FakeStream.made.map((stream) => stream.closed)).toEqual([true, false]);
  other.leave();
  expect(FakeStream.made.every((stream) => stream.closed)).toBe(true);
});

test("a job that the server has forgotten is null, and a press changes the job at once", async () => {
  const server = new FakeServer();
  server.jobs = [job("a")];
  const member = join(makeFollower(), server, listener());
  expect(await member.detail("b")).toBeNull();
  server.jobs = [job("a", { state: "paused", time: 2 })];
  await member.act("a", "pause");
  expect(server.asked.at(-1)).toBe("POST /api/downloads/a/pause");
  expect(member.ofModel("m")?.state).toBe("paused");
});
