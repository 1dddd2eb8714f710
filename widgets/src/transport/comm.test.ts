import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AnyModel } from "../anywidget";
import { commTransport, hearBusy } from "./comm";
import type { Transport } from "./index";
import { FRAME_BYTES } from "./frames";

interface Sent {
  nodeapi: string;
  id: number;
  frame: number;
  frames: number;
  headers: Record<string, string>;
}

/** A kernel that does what the test says with each message. */
function kernel(hear: (sent: Sent, bytes: number, say: (told: object, buffers?: DataView[]) => void) => void): {
  transport: Transport;
  sent: Sent[];
  leave(): void;
} {
  const listeners = new Set<(told: object, buffers?: DataView[]) => void>();
  const left = new Set<() => void>();
  const sent: Sent[] = [];
  const say = (told: object, buffers: DataView[] = []): void => queueMicrotask(() => listeners.forEach((listen) => listen(told, buffers)));
  const model = {
    on: (event: string, listener: () => void) => (event === "comm_live_update" ? left : listeners).add(listener),
    off: (event: string, listener: () => void) => (event === "comm_live_update" ? left : listeners).delete(listener),
    send: (content: Sent, _: unknown, buffers: ArrayBuffer[] = []) => {
      sent.push(content);
      hear(content, buffers[0]?.byteLength ?? 0, say);
    },
  } as unknown as AnyModel;
  return { transport: commTransport(model), sent, leave: () => left.forEach((act) => act()) };
}

const view = (text: string): DataView => new DataView(new TextEncoder().encode(text).buffer);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a body goes in frames of which few are under way, and its answer is put together", async () => {
  const acknowledge: (() => void)[] = [];
  let bytes = 0;
  const { transport, sent } = kernel(({ id, frame, frames }, size, say) => {
    bytes += size;
    acknowledge.push(() => {
      say({ nodeapi: "ack", id, frame });
      if (frame < frames - 1) return;
      say({ nodeapi: "reply", id, status: 200, headers: {}, frames: 2, frame: 1 }, [view("1]")]);
      say({ nodeapi: "reply", id, status: 200, headers: {}, frames: 2, frame: 0 }, [view("[0,")]);
    });
  });
  const answer = transport.request("POST", "/api/upload", { body: new ArrayBuffer(9 * FRAME_BYTES + 5) });
  await vi.advanceTimersByTimeAsync(1);
  expect(sent).toHaveLength(4);
  while (acknowledge.length) {
    acknowledge.shift()?.();
    await vi.advanceTimersByTimeAsync(1);
  }
  expect((await answer).json()).toEqual([0, 1]);
  expect([bytes, sent.length]).toEqual([9 * FRAME_BYTES + 5, 10]);
});

test("silence is called a busy kernel, and the request is called off", async () => {
  const { transport, sent } = kernel(() => undefined);
  const answer = expect(transport.request("GET", "/api/models")).rejects.toMatchObject({ code: "kernel_busy", retryable: true });
  await vi.advanceTimersByTimeAsync(31_000);
  await answer;
  expect(sent.at(-1)?.nodeapi).toBe("cancel");
});

test("a kernel that takes nothing for a while is told of, until it says anything; one that waits for the server is not", async () => {
  const say: ((told: object) => void)[] = [];
  const { transport, sent } = kernel((_, __, answer) => say.push(answer));
  const told: boolean[] = [];
  const ending = new AbortController();
  hearBusy((_, is) => told.push(is), ending.signal);
  const answer = transport.request("POST", "/api/upload", { body: new ArrayBuffer(5) });
  const after = async (ms: number): Promise<boolean | undefined> => {
    await vi.advanceTimersByTimeAsync(ms);
    return told.at(-1);
  };
  expect([await after(4_000), await after(2_000)]).toEqual([false, true]);
  say[0]?.({ nodeapi: "ack", id: -1, frame: 0 }); // of another request
  expect([await after(1), await after(6_000)]).toEqual([false, true]);
  say[0]?.({ nodeapi: "ack", id: sent[0]?.id, frame: 0 });
  expect([await after(1), await after(20_000)]).toEqual([false, false]);
  say[0]?.({ nodeapi: "reply", id: sent[0]?.id, status: 200, headers: {}, frames: 1, frame: 0 });
  expect((await answer).status).toBe(200);
  expect(await after(20_000)).toBe(false);
  ending.abort();
});

test("a kernel that takes no message is gone", async () => {
  const { transport } = kernel(() => {
    throw new Error("Cannot send");
  });
  await expect(transport.request("GET", "/api/models")).rejects.toMatchObject({ code: "kernel_gone", retryable: true });
});

test("the server's refusal comes with its own words", async () => {
  const body = view(JSON.stringify({ message: "The disk is full.", code: "no_space", hint: "Free some." }));
  const { transport } = kernel(({ id }, _, say) => say({ nodeapi: "reply", id, status: 507, headers: {}, frames: 1, frame: 0 }, [body]));
  await expect(transport.request("GET", "/api/models")).rejects.toMatchObject({ status: 507, message: "The disk is full.", hint: "Free some." });
});

test("who calls off is not answered, and the kernel hears of it", async () => {
  const { transport, sent } = kernel(() => undefined);
  const ending = new AbortController();
  const answer = expect(transport.request("GET", "/api/models", { signal: ending.signal })).rejects.toThrow("enough");
  await vi.advanceTimersByTimeAsync(1);
  ending.abort(new Error("enough"));
  await answer;
  expect(sent.map(({ nodeapi }) => nodeapi)).toEqual(["request", "cancel"]);
});

test("a form is written as the browser would write it", async () => {
  const { transport, sent } = kernel(({ id }, _, say) => say({ nodeapi: "reply", id, status: 200, headers: {} }));
  const form = new FormData();
  form.append("file", new Blob(["x"]), "a");
  const answer = transport.request("POST", "/api/upload", { body: form });
  await vi.advanceTimersByTimeAsync(50);
  await answer;
  expect(sent[0]?.headers["Content-Type"]).toMatch(/^multipart\/form-data; boundary=/);
});

test("a kernel that is restarted is not waited for", async () => {
  const { transport, leave } = kernel(() => undefined);
  const answer = transport.request("POST", "/api/upload", { body: new ArrayBuffer(5) });
  const told = expect(answer).rejects.toMatchObject({ code: "kernel_gone", retryable: true });
  await vi.advanceTimersByTimeAsync(1);
  leave();
  await told;
});
