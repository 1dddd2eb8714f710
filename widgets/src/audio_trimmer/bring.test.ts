// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AnyModel } from "../anywidget";
import { ApiError, type RequestOptions, type Transport } from "../transport/index";
import type { View } from "../view";
import { bring } from "./bring";

const FILE = new File(["0123456789"], "a.wav", { lastModified: 1 });
const CONFIG = { chunkSize: 4, maxChunkSize: 8, maxChunks: 100, maxFileSize: null, parallel: 1 };

/** A server that has the chunks it was sent; `lose` says which requests get lost. */
function server(lose: (index: number) => boolean = () => false) {
  const received = new Set<number>();
  const sent: number[] = [];
  const request = async (method: string, path: string, { body }: RequestOptions = {}) => {
    const answer = (told: object) => ({ status: 200, headers: {}, json: () => told, bytes: () => new ArrayBuffer(0) });
    if (path.endsWith("config")) return answer(CONFIG);
    if (method === "GET") return answer({ completed: false, totalChunks: 3, received: [...received].map((index) => [index, index]) });
    const index = Number((body as FormData).get("chunkIndex"));
    sent.push(index);
    if (lose(sent.length)) throw new ApiError("The server does not answer.", { code: "offline" });
    received.add(index);
    return answer({ completed: received.size === 3, filePath: "/temp/a.wav" });
  };
  return { received, sent, transport: { kind: "http", request, url: () => null } as unknown as Transport };
}

let way: Transport;
vi.mock("../transport/index", async (original) => ({ ...(await original<object>()), connect: async () => way }));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The sender on a page, with what it brought. */
function shown(ending = new AbortController()) {
  const root = document.body.appendChild(document.createElement("div"));
  const came: string[] = [];
  const model = { get: (name: string) => (name === "_server" ? { session: "notebook-ann" } : "n1") } as unknown as AnyModel;
  const made = bring({ root, model, signal: ending.signal } as unknown as View, "Choose", (path) => came.push(path));
  root.append(made.pick, made.state);
  const drop = (file: File): void => {
    root.dispatchEvent(Object.assign(new Event("drop"), { dataTransfer: { files: [file] } }));
  };
  return { ...made, root, came, drop, ending };
}

test("a dropped sound arrives whole, chunk by chunk", async () => {
  const { transport, sent } = server();
  way = transport;
  const { drop, came } = shown();
  drop(FILE);
  await vi.advanceTimersByTimeAsync(1);
  expect([came, sent]).toEqual([["/temp/a.wav"], [0, 1, 2]]);
});

test("a lost network is told and waited out", async () => {
  const { transport } = server((count) => count === 2);
  way = transport;
  const { drop, came, state } = shown();
  drop(FILE);
  await vi.advanceTimersByTimeAsync(1);
  expect([came, state.hidden, state.textContent]).toEqual([[], false, expect.stringContaining("does not answer")]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(came).toEqual(["/temp/a.wav"]);
});

test("what has arrived before the view ended is not sent again when the same file is picked", async () => {
  const { transport, sent, received } = server();
  way = transport;
  received.add(0).add(1);
  const { drop, came } = shown();
  drop(FILE);
  await vi.advanceTimersByTimeAsync(1);
  expect([came, sent]).toEqual([["/temp/a.wav"], [2]]);
});

test("a cancelled sound is gone from the page, and nothing more is sent", async () => {
  const { transport, sent } = server(() => true);
  way = transport;
  const { drop, state } = shown();
  drop(FILE);
  await vi.advanceTimersByTimeAsync(1);
  [...state.querySelectorAll("button")].find(({ textContent }) => textContent === "Cancel")?.click();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([state.hidden, sent]).toEqual([true, [0]]);
});
