/**
 * One follower a page for all widgets that look at the same server's jobs.
 *
 *     nothing moves      no request by itself; `look()` asks once, at most every 5 s for everybody together
 *     something moves    over HTTP one event stream; where there is none, one poller (1 s, over the comm 2 s)
 *     the server is gone ask again after 1, 2, 4 ... 15 s, and say so: no job is ever forgotten because of it
 *
 * Each widget brings its own copy of this module, so the follower lives under a well-known symbol of the page.
 */
import type { Timer } from "./dom";
import type { ApiError, Transport } from "./transport/index";
import type { JobStatus } from "./wire";

export type State = JobStatus["state"];
export type Verb = "pause" | "resume" | "cancel" | "retry";

/** One file of a job. */
export interface JobFile {
  path: string;
  bytes: number;
  total_bytes: number | null;
  state: string;
}

/** What an event does not tell, only the list and the job's own status. */
type Rest = Pick<JobStatus, "result" | "created_at" | "started_at" | "finished_at"> & { files: JobFile[] };

/** A job as the server tells it, and of which moment its files are: one widget of the page asks for them, for all. */
export type Job = Omit<JobStatus, keyof Rest> & Partial<Rest> & { filesOf?: string };

/** A job whose age is known; of one that only an event has told of, when that was. */
type Listed = Job & { created_at: number };

/** What a widget holds of the follower. */
export interface Member {
  /** The jobs, newest first. */
  jobs(): Job[];
  /** The newest job of a model, if it has any. */
  ofModel(id: string): Job | undefined;
  /**
   * Ask what there is. Without `quiet` at once; with it at most every 5 s for all widgets together: "skip" is
   * content with what was told within these seconds, "wait" asks again when they are over.
   */
  look(quiet?: "skip" | "wait"): Promise<void>;
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

export const ENDED: ReadonlySet<State> = new Set<State>(["cancelled", "error", "completed"]);

const QUIET_MS = 5_000;
const LIST = "/api/downloads?limit=100";
const EVENTS = "/api/downloads/events";

/** Say whether a job goes on by itself. */
export const moves = ({ state }: Job): boolean => !ENDED.has(state) && state !== "paused";

interface Seat {
  transport: Transport;
  listener: Listener;
}

/** The one that asks, for all that have joined it. Use `follow`, not this. */
export interface Follower {
  join(transport: Transport, listener: Listener): Member;
}

/** Make a follower that nobody has joined. */
export function makeFollower(): Follower {
  const known = new Map<string, Listed>();
  const seats = new Set<Seat>();
  let asked = -Infinity;
  let asking: Promise<void> | null = null;
  let stream: EventSource | null = null;
  let timer: Timer = 0;
  let failures = 0;
  let hopeless = false; // the last answer was a refusal: asking again brings the same
  let deaf = 0; // streams in a row that told nothing, as behind a proxy that collects answers

  const jobs = (): Job[] => [...known.values()].sort((a, b) => b.created_at - a.created_at);
  const tell = (error: unknown): void => seats.forEach(({ listener }) => listener.trouble?.(error as ApiError | null));

  /** The way to ask: straight to the server where any of the widgets has it. */
  const way = (): Transport => {
    const ways = [...seats].map(({ transport }) => transport);
    return ways.find(({ kind }) => kind === "http") ?? (ways[0] as Transport);
  };
  const get = async (path: string): Promise<Job | Job[]> => (await way().request("GET", path)).json() as Job | Job[];

  /** Take what the server said; older news about a job never replaces newer. */
  const heard = (told: Job[]): void => {
    const news = told.flatMap((job) => {
      const before = known.get(job.job_id);
      if (before && before.time > job.time) return [];
      const after = { created_at: job.time, ...before, ...job };
      known.set(job.job_id, after);
      return [after];
    });
    if (news.length) seats.forEach(({ listener }) => listener.changed(news));
    drive();
  };

  const look = async (quiet?: "skip" | "wait"): Promise<void> => {
    if (asking) return asking;
    const early = quiet ? asked + QUIET_MS - Date.now() : 0;
    if (early > 0) {
      if (quiet === "wait" && !timer && !stream) later(early);
      return;
    }
    asked = Date.now();
    asking = list().finally(() => {
      asking = null;
      drive();
    });
    return asking;
  };

  const list = async (): Promise<void> => {
    if (!seats.size) return;
    try {
      const listed = (await get(LIST)) as Job[];
      const ids = new Set(listed.map((job) => job.job_id));
      heard(listed);
      // what moved and is not among the newest hundred is asked for by name
      await Promise.all(jobs().map((job) => moves(job) && !ids.has(job.job_id) && detail(job.job_id)));
      reached();
    } catch (error) {
      hopeless = /^4(?!29)/.test(`${(error as ApiError).status}`);
      failures += 1;
      tell(error);
    }
  };

  const reached = (): void => {
    if (failures) tell(null);
    failures = 0;
    hopeless = false;
  };

  const detail = async (id: string): Promise<Job | null> => {
    try {
      const job = (await get(`/api/downloads/status/${encodeURIComponent(id)}`)) as Job;
      heard([job]);
      return job;
    } catch (error) {
      if ((error as Partial<ApiError>).status !== 404) throw error;
      known.delete(id);
      return null;
    }
  };

  /** Keep a stream or a timer exactly while something moves. */
  const drive = (): void => {
    const wanted = (failures || jobs().some(moves)) && seats.size && !hopeless;
    if (!wanted) hangUp(); // also what was to be asked later: it was asked just now
    else if (!stream && !timer && !asking) open();
  };

  const open = (): void => {
    const { kind, url } = way();
    const direct = kind === "http";
    const address = direct && !failures && deaf < 3 && url(EVENTS);
    if (address) listen(address);
    else later(failures ? Math.min(500 * 2 ** failures, 15_000) : direct ? 1_000 : 2_000);
  };

  const later = (ms: number): void => {
    timer = setTimeout(() => {
      timer = 0;
      void look();
    }, ms);
  };

  const listen = (address: string): void => {
    deaf += 1;
    stream = new EventSource(address);
    stream.onopen = () => void look(); // what ended before the stream began is in the list only
    stream.onmessage = ({ data }: MessageEvent<string>) => {
      deaf = 0;
      reached();
      heard([JSON.parse(data) as Job]);
    };
    stream.onerror = () => {
      hangUp();
      void look();
    };
  };

  const hangUp = (): void => {
    stream?.close();
    stream = null;
    clearTimeout(timer);
    timer = 0;
  };

  return {
    join(transport, listener) {
      const seat: Seat = { transport, listener };
      seats.add(seat);
      return {
        jobs,
        look,
        detail,
        ofModel: (id) => jobs().find((job) => job.model_id === id),
        async act(id, verb) {
          const job = (await transport.request("POST", `/api/downloads/${id}/${verb}`)).json() as Job;
          heard([job]);
          return job;
        },
        leave() {
          seats.delete(seat);
          hangUp(); // it may have been this one's way
          drive();
        },
      };
    },
  };
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
  if (!follower) followers.set(key, (follower = makeFollower()));
  return follower.join(transport, listener);
}
