/**
 * One way to the server, whichever it is.
 *
 *     the page reaches the server the kernel sees   -->  http.ts: straight there
 *     it does not                                   -->  comm.ts: through the kernel, slower
 *     the kernel sees none either                   -->  ApiError, with the sentence that says what to do
 *
 * The proof that page and kernel mean the same server is its `serverId`, made once a process.
 */
import type { AnyModel } from "../anywidget";
import * as t from "../strings";
import { CommTransport } from "./comm";
import { ApiError } from "./errors";
import { findPage, HttpTransport } from "./http";

export { ApiError } from "./errors";

export interface RequestOptions {
  json?: unknown;
  body?: Blob | FormData | ArrayBuffer;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Called with the bytes of the body that have left the page. */
  onSent?: (bytes: number) => void;
  /** Milliseconds without any sign of life. */
  timeout?: number;
}

/** An answer of 2xx or 3xx. */
export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly ok: boolean;
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
  problem: string;
  message?: string;
  hint?: string;
}

/**
 * Find the way to the kernel's server.
 *
 * A server that was restarted has a new `serverId`; the kernel is asked to look again before the page
 * concludes that the two mean different servers.
 */
export async function connect(model: AnyModel, signal: AbortSignal): Promise<Transport> {
  const page = findPage();
  const seen = page && (await seenFrom(page, signal));
  let server = serverOf(model);
  if (server.serverId !== seen || server.problem) server = await refreshed(model, signal);
  if (page && seen && server.serverId === seen) return connected(model, page, "http");
  if (server.serverId && !server.problem) return connected(model, new CommTransport(model), "comm");
  tell(model, "none");
  throw new ApiError(server.message || t.transport.noServer, {
    code: server.problem || "no_server",
    hint: server.hint || t.transport.noServerHint,
  });
}

function connected(model: AnyModel, transport: Transport, kind: "http" | "comm"): Transport {
  tell(model, kind);
  return transport;
}

function serverOf(model: AnyModel): Server {
  return { serverId: "", problem: "", ...(model.get("_server") as Partial<Server> | null) };
}

async function seenFrom(page: HttpTransport, signal: AbortSignal): Promise<string | null> {
  try {
    const reply = await page.request("GET", PROOF, { signal, timeout: PROOF_TIMEOUT_MS });
    return String(reply.json().serverId ?? "") || null;
  } catch {
    return null; // whatever it is: this page has no way of its own
  }
}

/** Ask the kernel to look for its server again; without an answer, what it said last. */
async function refreshed(model: AnyModel, signal: AbortSignal): Promise<Server> {
  const done = new Promise<void>((resolve) => {
    const finish = (): void => {
      model.off("change:_server", finish);
      signal.removeEventListener("abort", finish);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(finish, REFRESH_TIMEOUT_MS);
    model.on("change:_server", finish);
    signal.addEventListener("abort", finish);
    try {
      model.send({ nodeapi: "refresh" });
    } catch {
      finish(); // the kernel is gone; the page's own way may still be there
    }
  });
  await done;
  return serverOf(model);
}

function tell(model: AnyModel, connection: string): void {
  if (model.get("_connection") === connection) return;
  try {
    model.set("_connection", connection);
    model.save_changes();
  } catch {
    // without a kernel nobody needs to know
  }
}
