/**
 * Through the kernel, where the page has no way of its own.
 *
 *     request, frame i of k (<= 1 MiB)   -->  ack, frame i
 *     ...                                -->  reply, frame i of n (<= 1 MiB)
 *
 * A frame above the websocket's limit vanishes without any error, so frames are small and each is
 * acknowledged: silence is the only sign that something was lost. A kernel that runs a cell answers when the
 * cell ends, which is why silence is long before it is called a loss.
 */
import type { AnyModel } from "../anywidget";
import * as t from "../strings";
import { ApiError, refusal } from "./errors";
import { cut, join } from "./frames";
import type { Reply, RequestOptions, Transport } from "./index";

const SILENCE_MS = 30_000;
const WINDOW = 4; // frames under way at once

/** What comes back from the kernel. */
interface Told {
  nodeapi?: string;
  id?: number;
  frame?: number;
  frames?: number;
  status?: number;
  headers?: Record<string, string>;
  code?: string;
  message?: string;
  hint?: string;
  retryable?: boolean;
}

let next = Math.floor(Math.random() * 2 ** 40); // several pages may talk through one kernel

export class CommTransport implements Transport {
  readonly kind = "comm";
  readonly #model: AnyModel;

  constructor(model: AnyModel) {
    this.#model = model;
  }

  url(): null {
    return null;
  }

  async request(method: string, path: string, options: RequestOptions = {}): Promise<Reply> {
    const { json, headers, body } = options;
    const { data, type } = await bytesOf(body);
    const sent = type && !headers?.["Content-Type"] ? { ...headers, "Content-Type": type } : { ...headers };
    const head = { nodeapi: "request", id: next++, method, path, headers: sent, json: json ?? null };
    return call(this.#model, head, cut(data), options);
  }
}

/** One request from its first frame to the last of its answer. */
function call(model: AnyModel, head: { id: number }, frames: ArrayBuffer[], options: RequestOptions): Promise<Reply> {
  const { signal, onSent, timeout = SILENCE_MS } = options;
  return new Promise((resolve, reject) => {
    const pieces: ArrayBuffer[] = [];
    let [sent, acknowledged, came, bytes] = [0, 0, 0, 0];
    let timer: ReturnType<typeof setTimeout> | undefined;

    const end = (): void => {
      clearTimeout(timer);
      model.off("msg:custom", heard);
      signal?.removeEventListener("abort", aborted);
    };
    const fail = (reason: unknown): void => {
      end();
      reject(reason);
    };
    const give = (content: object, buffers: ArrayBuffer[] = []): boolean => {
      try {
        model.send(content, undefined, buffers);
        return true;
      } catch {
        fail(new ApiError(t.transport.kernelGone, { code: "kernel_gone", hint: t.transport.kernelGoneHint }));
        return false;
      }
    };
    const giveUp = (reason: unknown): void => {
      give({ nodeapi: "cancel", id: head.id });
      fail(reason);
    };
    const aborted = (): void => giveUp(signal?.reason);
    const alive = (): void => {
      clearTimeout(timer);
      const silent = (): void =>
        giveUp(new ApiError(t.transport.kernelBusy, { code: "kernel_busy", hint: t.transport.kernelBusyHint }));
      timer = setTimeout(silent, timeout);
    };

    /** Keep a few frames under way. */
    const push = (): void => {
      while (sent < frames.length && sent - acknowledged < WINDOW) {
        const data = frames[sent] as ArrayBuffer;
        if (!give({ ...head, frames: frames.length, frame: sent++ }, data.byteLength ? [data] : [])) return;
      }
    };
    const heard = (told: Told, buffers: DataView[] = []): void => {
      if (told?.id !== head.id) return;
      alive();
      if (told.nodeapi === "reply") return answered(told, buffers);
      bytes += frames[acknowledged++]?.byteLength ?? 0;
      onSent?.(bytes);
      push();
    };
    const answered = (told: Told, buffers: DataView[]): void => {
      const { status = 0, headers = {}, frames: all = 0, frame = 0 } = told;
      if (all > 0) {
        pieces[frame] = join(buffers);
        if (++came < all) return;
      }
      const data = join(pieces);
      const text = (): string => new TextDecoder().decode(data);
      if (status < 200 || status >= 400) {
        const own = told.code ? JSON.stringify(told) : text();
        return fail(refusal(status, headers, own, status ? t.transport.refused(status) : t.transport.unreachable));
      }
      end();
      resolve({ status, headers, ok: true, json: () => JSON.parse(text()) as unknown, bytes: () => data });
    };

    if (signal?.aborted) return reject(signal.reason);
    model.on("msg:custom", heard);
    signal?.addEventListener("abort", aborted);
    alive();
    push();
  });
}

/** A body as bytes; a form is written as the browser itself would write it. */
async function bytesOf(body: RequestOptions["body"]): Promise<{ data: ArrayBuffer; type: string }> {
  if (!body) return { data: new ArrayBuffer(0), type: "" };
  if (body instanceof ArrayBuffer) return { data: body, type: "application/octet-stream" };
  const whole = new Response(body);
  return { data: await whole.arrayBuffer(), type: whole.headers.get("content-type") ?? "application/octet-stream" };
}
