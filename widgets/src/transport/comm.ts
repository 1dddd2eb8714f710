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
    return new Promise((resolve, reject) => new Call(this.#model, head, cut(data), options, resolve, reject).start());
  }
}

/** One request from its first frame to the last of its answer. */
class Call {
  readonly #pieces: ArrayBuffer[] = [];
  #sent = 0;
  #acknowledged = 0;
  #came = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly model: AnyModel,
    readonly head: { id: number },
    readonly frames: ArrayBuffer[],
    readonly options: RequestOptions,
    readonly resolve: (reply: Reply) => void,
    readonly reject: (reason: unknown) => void,
  ) {}

  start(): void {
    const { signal } = this.options;
    if (signal?.aborted) return this.reject(signal.reason);
    this.model.on("msg:custom", this.#heard);
    signal?.addEventListener("abort", this.#aborted);
    this.#alive();
    this.#send();
  }

  /** Keep a few frames under way. */
  #send(): void {
    while (this.#sent < this.frames.length && this.#sent - this.#acknowledged < WINDOW) {
      const frame = this.#sent++;
      const data = this.frames[frame] as ArrayBuffer;
      const told = { ...this.head, frames: this.frames.length, frame };
      try {
        this.model.send(told, undefined, data.byteLength ? [data] : []);
      } catch {
        return this.#fail(new ApiError(t.transport.kernelGone, { code: "kernel_gone", hint: t.transport.kernelGoneHint }));
      }
    }
  }

  readonly #heard = (told: Told, buffers: DataView[] = []): void => {
    if (told?.id !== this.head.id) return;
    this.#alive();
    if (told.nodeapi === "ack") {
      this.#acknowledged += 1;
      const size = this.frames.slice(0, this.#acknowledged).reduce((sum, frame) => sum + frame.byteLength, 0);
      this.options.onSent?.(size);
      this.#send();
    } else if (told.nodeapi === "reply") {
      this.#answered(told, buffers);
    }
  };

  #answered(told: Told, buffers: DataView[]): void {
    const { status = 0, headers = {}, frames = 0, frame = 0 } = told;
    if (frames > 0) {
      this.#pieces[frame] = join(buffers);
      this.#came += 1;
      if (this.#came < frames) return;
    }
    const data = join(this.#pieces);
    const text = (): string => new TextDecoder().decode(data);
    if (status < 200 || status >= 400) {
      const own = told.code ? JSON.stringify(told) : text();
      return this.#fail(refusal(status, headers, own, status ? t.transport.refused(status) : t.transport.unreachable));
    }
    this.#end();
    this.resolve({ status, headers, ok: true, json: () => JSON.parse(text()) as unknown, bytes: () => data });
  }

  #alive(): void {
    clearTimeout(this.#timer);
    const silent = (): void => {
      this.#cancel();
      this.#fail(new ApiError(t.transport.kernelBusy, { code: "kernel_busy", hint: t.transport.kernelBusyHint }));
    };
    this.#timer = setTimeout(silent, this.options.timeout ?? SILENCE_MS);
  }

  readonly #aborted = (): void => {
    this.#cancel();
    this.#fail(this.options.signal?.reason);
  };

  #cancel(): void {
    try {
      this.model.send({ nodeapi: "cancel", id: this.head.id });
    } catch {
      // a kernel that is gone has nothing to cancel
    }
  }

  #fail(reason: unknown): void {
    this.#end();
    this.reject(reason);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.model.off("msg:custom", this.#heard);
    this.options.signal?.removeEventListener("abort", this.#aborted);
  }
}

/** A body as bytes; a form is written as the browser itself would write it. */
async function bytesOf(body: RequestOptions["body"]): Promise<{ data: ArrayBuffer; type: string }> {
  if (!body) return { data: new ArrayBuffer(0), type: "" };
  if (body instanceof ArrayBuffer) return { data: body, type: "application/octet-stream" };
  const whole = new Response(body);
  return { data: await whole.arrayBuffer(), type: whole.headers.get("content-type") ?? "application/octet-stream" };
}
