/**
 * One way to the server, whichever it is.
 *
 *     the page reaches the server the kernel sees   -->  http.ts: straight there
 *     it does not                                   -->  comm.ts: through the kernel, slower
 *     the kernel sees none either                   -->  ApiError, with the sentence that says what to do
 *
 * The proof that page and kernel mean the same server is its `serverId`, made once a process.
 */
import { write, type AnyModel } from "../anywidget";
import * as t from "../strings";
import { commTransport } from "./comm";
import { ApiError } from "./errors";
import { findPage } from "./http";

export { ApiError } from "./errors";

export interface RequestOptions {
  json?: unknown;
  body?: Blob | FormData | ArrayBuffer;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Hears how many bytes of the body have left, where the way can tell. */
  left?: (bytes: number) => void;
  /** Milliseconds without any sign of life. */
  timeout?: number;
}

/** An answer of 2xx or 3xx. */
export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  json(): any;
  bytes(): ArrayBuffer;
}

export interface Transport {
  readonly kind: "http" | "comm";
  /** Rejects with an ApiError for a status of 400 and more, and where nothing answers. */
  request(method: string, path: string, options?: RequestOptions): Promise<Reply>;
  /** An address that the page's own elements can load; null where only the kernel reaches the server. */
  url(path: string): string | null;
}

const PROOF = "/api/upload/config";
const PROOF_TIMEOUT_MS = 5_000;
const REFRESH_TIMEOUT_MS = 8_000;

/** What the kernel says of its server. */
interface Server {
  serverId: string;
  /** A session of the user's own. */
  session: string;
  problem: string;
  message: string;
  hint: string;
}

const proved = new WeakSet<AnyModel>();

/**
 * Find the way to the kernel's server.
 *
 * A server that was restarted has a new `serverId`; the kernel is asked to look again before the page
 * concludes that the two mean different servers. A page that was proved to see the kernel's server waits for it
 * when it is away (rejects, to be tried again), and believes its address where the kernel has died with it.
 */
export async function connect(model: AnyModel, signal: AbortSignal): Promise<Transport> {
  const page = findPage();
  const before = proved.has(model);
  const seen = page && (await seenFrom(page, signal, before));
  const known = (): Partial<Server> => model.get("_server") ?? {};
  const answered = (known().serverId === seen && !known().problem) || (await refreshed(model, signal));
  const { serverId, problem, message, hint } = known();
  let way: Transport | undefined;
  const own = serverId === seen && problem !== "version"; // another version may answer otherwise than this script believes
  if (page && seen && (own || (before && !answered))) {
    proved.add(model);
    way = page;
  } else if (serverId && !problem) way = commTransport(model);
  const _connection = way?.kind ?? "none";
  if (model.get("_connection") !== _connection) write(model, { _connection }); // without a kernel nobody needs to know
  if (way) return way;
  throw new ApiError(message || t.transport.noServer, { code: problem || "no_server", hint: hint ?? "" });
}

/** Give the session that the server advises: on a shared one it is the user's own. */
export const sessionOf = (model: AnyModel): string => model.get("_server").session || "notebook";

async function seenFrom(page: Transport, signal: AbortSignal, insist: boolean): Promise<string | null> {
  try {
    return (await page.request("GET", PROOF, { signal, timeout: PROOF_TIMEOUT_MS })).json().serverId as string;
  } catch (error) {
    if (insist) throw error;
    return null; // whatever it is: this page has no way of its own
  }
}

/** Ask the kernel to look for its server again; says whether it has found another one. */
function refreshed(model: AnyModel, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    // the model tells what has changed; the timer and a kernel that is gone tell nothing
    const finish = (told?: unknown): void => {
      model.off("change:_server", finish);
      clearTimeout(timer);
      resolve(!!told);
    };
    const timer = setTimeout(finish, REFRESH_TIMEOUT_MS);
    signal.addEventListener("abort", finish);
    model.on("change:_server", finish);
    try {
      model.send({ nodeapi: "refresh" });
    } catch {
      finish(); // the kernel is gone; the page's own way may still be there
    }
  });
}
