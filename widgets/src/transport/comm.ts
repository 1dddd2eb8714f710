/**
 * Through the kernel, where the page has no way of its own.
 *
 *     request, frame i of k (<= 1 MiB)   -->  ack, frame i
 *     ...                                -->  reply, frame i of n (<= 1 MiB)
 *
 * A frame above the websocket's limit vanishes without any error, so frames are small and each is
 * acknowledged: silence is the only sign that something was lost. A kernel that runs a cell answers when the
 * cell ends, which is why silence is long before it is called a loss;
 * `hearBusy` tells sooner of a kernel that says nothing at all.
 */
import { hear, type AnyModel } from "../anywidget";
import * as t from "../strings";
import { ApiError, replyOf } from "./errors";
import { cut, join } from "./frames";
import type { Reply, RequestOptions, Transport } from "./index";

const SILENCE_MS = 30_000;
const BUSY_MS = 5_000;
const WINDOW = 4; // frames under way at once

/** What comes back from the kernel. */
interface Told {
  nodeapi?: string;
  id?: number;
  code?: string;
}

/** A frame of an answer. */
interface Answer extends Told {
  frame: number;
  frames: number;
  status: number;
  headers: Record<string, string>;
}

/** What goes to the kernel with the first frame, and with every other. */
interface Head {
  nodeapi: string;
  id: number;
  method: string;
  path: string;
  headers: Record<string, string>;
  json: unknown;
}

let next = Math.floor(Math.random() * 2 ** 40); // several pages may talk through one kernel

type Busy = (model: AnyModel, is: boolean) => unknown;
const listeners = new Set<Busy>();

/** Hear that a model's kernel takes nothing for a while, and that it does again. */
export function hearBusy(act: Busy, signal: AbortSignal): void {
  listeners.add(act);
  signal.addEventListener("abort", () => listeners.delete(act));
}

/** Make the way through the kernel of a model. */
export function commTransport(model: AnyModel): Transport {
  return {
    kind: "comm",
    url: () => null,
    async request(method, path, options = {}) {
      const { json, headers, body } = options;
      const whole = new Response(body); // a form is written as the browser itself would write it
      const data = await whole.arrayBuffer();
      const type = whole.headers.get("content-type");
      const sent = { ...(type && { "Content-Type": type }), ...headers };
      return call(model, { nodeapi: "request", id: next++, method, path, headers: sent, json }, cut(data), options);
    },
  };
}

/** One request from its first frame to the last of its answer. */
function call(model: AnyModel, head: Head, frames: ArrayBuffer[], options: RequestOptions): Promise<Reply> {
  const { signal, timeout = SILENCE_MS } = options;
  return new Promise((resolve, reject) => {
    const pieces: BlobPart[][] = [];
    let [sent, acknowledged, came] = [0, 0, 0];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let patience: typeof timer;

    const busy = (is: boolean): void => listeners.forEach((act) => act(model, is));
    const over = new AbortController();
    const end = (act: () => void): void => {
      clearTimeout(timer);
      clearTimeout(patience);
      busy(false);
      over.abort();
      act();
    };
    const fail = (reason: unknown): void => end(() => reject(reason));
    const gone = (): void => fail(new ApiError(t.transport.kernelGone, { code: "kernel_gone", hint: t.transport.kernelGoneHint }));
    const give = (content: object, buffers: ArrayBuffer[] = []): void => {
      try {
        model.send(content, undefined, buffers);
      } catch {
        gone();
      }
    };
    const giveUp = (reason: unknown): void => {
      give({ nodeapi: "cancel", id: head.id });
      fail(reason);
    };
    const aborted = (): void => giveUp(signal?.reason);
    const silent = (): void => giveUp(new ApiError(t.transport.kernelBusy, { code: "kernel_busy", hint: t.transport.kernelBusyHint }));
    const awake = (): void => {
      busy(false);
      clearTimeout(patience);
      patience = setTimeout(() => busy(acknowledged < sent), BUSY_MS);
    };
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(silent, timeout);
    };

    /** Keep a few frames under way. */
    const push = (): void => {
      while (sent < frames.length && sent - acknowledged < WINDOW) {
        const data = frames[sent] as ArrayBuffer;
        give({ ...head, frames: frames.length, frame: sent++ }, data.byteLength ? [data] : []);
      }
    };
    const heard = (told: Told, buffers: DataView[] = []): void => {
      awake(); // whatever it was, no cell holds the kernel up
      if (told?.id !== head.id) return;
      alive();
      if (told.nodeapi === "reply") return answered(told, buffers);
      acknowledged += 1;
      push();
    };
    const answered = (told: Told, buffers: DataView[]): void => {
      const { status, headers, frames: all, frame } = told as Answer;
      pieces[frame] = buffers as BlobPart[];
      if (++came < all) return;
      const whole = join(pieces.flat());
      end(() => resolve(whole.then((data) => replyOf(status, headers, data, told.code && JSON.stringify(told)))));
    };

    signal?.throwIfAborted();
    hear(model, "msg:custom", heard, over.signal);
    hear(model, "comm_live_update", gone, over.signal); // JupyterLab says so when a kernel is restarted: what was under way is lost
    signal?.addEventListener("abort", aborted, over);
    awake();
    alive();
    push();
  });
}
