/**
 * One follower a page for all widgets that look at the same server's jobs.
 *
 *     nothing moves      no request at all; `look()` asks once, at most every 5 s for everybody together
 *     something moves    over HTTP one event stream; where there is none, one poller (1 s, over the comm 2 s)
 *     the server is gone ask again after 1, 2, 4 ... 15 s, and say so: no job is ever forgotten because of it
 *
 * Each widget brings its own copy of this module, so the follower lives under a well-known symbol of the page.
 */
import type { ApiError, Transport } from "./transport/index";

export type State = "queued" | "running" | "waiting_retry" | "paused" | "cancelled" | "error" | "completed";
export type Verb = "pause" | "resume" | "cancel" | "retry";

/** One file of a job. */
export interface JobFile {
  path: string;
  bytes: number;
  total_bytes: number | null;
  state: string;
}

/** A job as the server tells it; an event lacks what is optional here. */
export interface Job {
  job_id: string;
  kind: string;
  model_id: string | null;
  subject: string;
  status: "running" | "completed" | "error";
  state: State;
  stage: string | null;
  progress: number;
  message: string;
  code: string | null;
  hint: string | null;
  bytes: number;
  total_bytes: number | null;
  speed_bps: number;
  eta_s: number | null;
  attempt: number;
  retry_at: number | null;
  time: number;
  files?: JobFile[];
  created_at?: number;
  finished_at?: number | null;
}

/** What a widget holds of the follower. */
export interface Member {
  /** The jobs, newest first. */
  jobs(): Job[];
  /** The newest job of a model, if it has any. */
  ofModel(id: string): Job | undefined;
  /** Ask what there is: at once, or when `idle` at most every 5 s for all widgets together. */
  look(idle?: boolean): Promise<void>;
  /** Ask for one job with its files; null where the server knows it no more. */
  detail(jobId: string): Promise<Job | null>;
  /** Pause, resume, cancel or retry. */
  act(jobId: string, verb: Verb): Promise<Job>;
  leave(): void;
}

/** What is heard: the jobs that changed, or that the server cannot be reached (null: it can again). */
export interface Listener {
  changed(jobs: Job[]): void;
  trouble?(error: ApiError | null): void;
}

export const MOVING: ReadonlySet<State> = new Set<State>(["queued", "running", "waiting_retry"]);
export const ENDED: ReadonlySet<State> = new Set<State>(["cancelled", "error", "completed"]);

const QUIET_MS = 5_000;
const LIST = "/api/downloads?limit=100";
const EVENTS = "/api/downloads/events";

/** Say whether a job goes on by itself. */
export const moves = (job: Job): boolean => MOVING.has(job.state);

interface Seat {
  transport: Transport;
  listener: Listener;
}

/** The one that asks. Use `follow`, not this. */
export class Follower {
  readonly #known = new Map<string, Job>();
  readonly #seats = new Set<Seat>();
  #asked = -Infinity;
  #asking: Promise<void> | null = null;
  #stream: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #hopeless = false; // the last answer was a refusal: asking again brings the same
  #deaf = 0; // streams in a row that told nothing, as behind a proxy that collects answers

  join(transport: Transport, listener: Listener): Member {
    const seat: Seat = { transport, listener };
    this.#seats.add(seat);
    this.#drive();
    return {
      jobs: () => this.#jobs(),
      ofModel: (id) => this.#jobs().find((job) => job.model_id === id),
      look: (idle = false) => this.#look(idle),
      detail: (id) => this.#detail(id),
      act: (id, verb) => this.#act(seat, id, verb),
      leave: () => this.#leave(seat),
    };
  }

  #jobs(): Job[] {
    return [...this.#known.values()].sort((a, b) => (b.created_at ?? b.time) - (a.created_at ?? a.time));
  }

  #look(idle: boolean): Promise<void> {
    if (this.#asking) return this.#asking;
    if (idle && Date.now() - this.#asked < QUIET_MS) return Promise.resolve();
    return this.#ask();
  }

  #ask(): Promise<void> {
    this.#asked = Date.now();
    this.#asking = this.#list().finally(() => {
      this.#asking = null;
      this.#drive();
    });
    return this.#asking;
  }

  async #list(): Promise<void> {
    try {
      const reply = await this.#transport().request("GET", LIST);
      this.#heard(reply.json() as Job[]);
      // what moved and is not among the newest hundred is asked for by name
      const listed = new Set((reply.json() as Job[]).map((job) => job.job_id));
      const missed = [...this.#known.values()].filter((job) => moves(job) && !listed.has(job.job_id));
      await Promise.all(missed.map((job) => this.#detail(job.job_id)));
      this.#reached();
    } catch (error) {
      this.#lost(error);
    }
  }

  async #detail(jobId: string): Promise<Job | null> {
    try {
      const reply = await this.#transport().request("GET", `/api/downloads/status/${encodeURIComponent(jobId)}`);
      const job = reply.json() as Job;
      this.#heard([job]);
      this.#drive();
      return job;
    } catch (error) {
      if (!(error instanceof Error) || (error as ApiError).status !== 404) throw error;
      this.#known.delete(jobId);
      return null;
    }
  }

  async #act(seat: Seat, jobId: string, verb: Verb): Promise<Job> {
    const reply = await seat.transport.request("POST", `/api/downloads/${encodeURIComponent(jobId)}/${verb}`);
    const job = reply.json() as Job;
    this.#heard([job]);
    this.#drive();
    return job;
  }

  #leave(seat: Seat): void {
    this.#seats.delete(seat);
    this.#hangUp();
    this.#drive();
  }

  /** Take what the server said; older news about a job never replaces newer. */
  #heard(jobs: Job[]): void {
    const news: Job[] = [];
    for (const job of jobs) {
      const before = this.#known.get(job.job_id);
      if (before && before.time > job.time) continue;
      const merged = { ...before, ...job, created_at: job.created_at ?? before?.created_at ?? job.time };
      this.#known.set(job.job_id, merged);
      news.push(merged);
    }
    if (news.length) for (const seat of this.#seats) seat.listener.changed(news);
  }

  #reached(): void {
    if (this.#failures) for (const seat of this.#seats) seat.listener.trouble?.(null);
    this.#failures = 0;
    this.#hopeless = false;
  }

  #lost(error: unknown): void {
    const { status = 0 } = error as Partial<ApiError>;
    this.#hopeless = status >= 400 && status < 500 && status !== 429;
    this.#failures += 1;
    for (const seat of this.#seats) seat.listener.trouble?.(error as ApiError);
  }

  #transport(): Transport {
    const all = [...this.#seats].map((seat) => seat.transport);
    const found = all.find((transport) => transport.kind === "http") ?? all[0];
    if (!found) throw new Error("No widget is left to ask for.");
    return found;
  }

  /** Keep a stream or a timer exactly while something moves. */
  #drive(): void {
    const wanted = this.#failures > 0 || [...this.#known.values()].some(moves);
    if (!wanted || this.#hopeless || this.#seats.size === 0) this.#hangUp();
    else if (!this.#stream && this.#timer === undefined) this.#open();
  }

  #open(): void {
    const transport = this.#transport();
    const address = transport.kind === "http" && !this.#failures ? transport.url(EVENTS) : null;
    if (address && this.#deaf < 3 && typeof EventSource !== "undefined") this.#listen(address);
    else this.#later(transport.kind === "http" ? 1_000 : 2_000);
  }

  #listen(address: string): void {
    const stream = (this.#stream = new EventSource(address, { withCredentials: true }));
    this.#deaf += 1;
    stream.onopen = () => void this.#ask(); // what ended before the stream began is in the list only
    stream.onmessage = (event: MessageEvent<string>) => {
      this.#deaf = 0;
      this.#heard([JSON.parse(event.data) as Job]);
      this.#reached();
      this.#drive();
    };
    stream.onerror = () => {
      this.#hangUp();
      void this.#ask();
    };
  }

  #later(ms: number): void {
    const wait = this.#failures ? Math.min(1_000 * 2 ** (this.#failures - 1), 15_000) : ms;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#look(false);
    }, wait);
  }

  #hangUp(): void {
    this.#stream?.close();
    this.#stream = null;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

const PAGE = Symbol.for("jupyter_nodeapi.followers.1");

/**
 * Join the page's follower of a server.
 *
 * @param transport - how this widget reaches the server
 * @param server - names the server where the page does not reach it itself
 * @param listener - hears of every change until `leave`
 */
export function follow(transport: Transport, server: string, listener: Listener): Member {
  const page = globalThis as { [PAGE]?: Map<string, Follower> };
  const followers = (page[PAGE] ??= new Map<string, Follower>());
  const key = transport.kind === "http" ? "http" : `comm ${server}`;
  let follower = followers.get(key);
  if (!follower) followers.set(key, (follower = new Follower()));
  return follower.join(transport, listener);
}
