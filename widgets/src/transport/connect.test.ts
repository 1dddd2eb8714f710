// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import type { AnyModel } from "../anywidget";
import { connect } from "./index";

/** The page's half of a widget; `refreshed` is what the kernel finds when it looks again. */
function modelOf(server: object, refreshed?: object): AnyModel & { state: Record<string, unknown> } {
  const state: Record<string, unknown> = { _server: server, _connection: "" };
  const listeners = new Map<string, () => void>();
  return {
    state,
    get: (name) => state[name],
    set: (name, value) => void (state[name] = value),
    save_changes: () => undefined,
    on: (event, listener) => void listeners.set(event, () => listener("told")),
    off: (event) => void listeners.delete(event),
    send: () => {
      if (state["dead"]) throw new Error("Cannot send");
      if (refreshed) state["_server"] = refreshed;
      listeners.get("change:_server")?.();
    },
  };
}

/** A server that says who it is to every request, or does not answer. */
function pageSees(serverId: string | null): void {
  document.body.innerHTML = '<script id="jupyter-config-data" type="application/json">{"baseUrl": "/user/x/", "token": "t"}</script>';
  class Fake {
    readonly upload = {};
    status = serverId ? 200 : 0;
    response = new TextEncoder().encode(JSON.stringify({ serverId })).buffer;
    onloadend?: () => void;
    static asked: string[] = [];
    open = (method: string, url: string): void => void Fake.asked.push(`${method} ${new URL(url).pathname}`);
    setRequestHeader = (name: string, value: string): void => void Fake.asked.push(`${name}: ${value}`);
    getAllResponseHeaders = (): string => "content-type: application/json\r\n";
    abort = (): void => undefined;
    send = (): void => void setTimeout(() => this.onloadend?.());
  }
  vi.stubGlobal("XMLHttpRequest", Fake);
}

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.innerHTML = "";
});

const { signal } = new AbortController();

test("a page that sees the kernel's server goes straight there", async () => {
  pageSees("one");
  const model = modelOf({ serverId: "one", problem: "" });
  const transport = await connect(model, signal);
  expect([transport.kind, model.state["_connection"]]).toEqual(["http", "http"]);
  expect(transport.url("/temp/a")).toMatch(/\/user\/x\/temp\/a$/);
});

test("a server that was restarted is the same one once the kernel has looked again", async () => {
  pageSees("two");
  const model = modelOf({ serverId: "one", problem: "" }, { serverId: "two", problem: "" });
  expect((await connect(model, signal)).kind).toBe("http");
});

test.each([["another server", "two"], ["no server", null]])("a page that sees %s goes through the kernel", async (_, seen) => {
  pageSees(seen);
  const model = modelOf({ serverId: "one", problem: "" }, { serverId: "one", problem: "" });
  const transport = await connect(model, signal);
  expect([transport.kind, transport.url("/temp/a"), model.state["_connection"]]).toEqual(["comm", null, "comm"]);
});

test("where the kernel sees none either, its sentence is told", async () => {
  const problem = { serverId: "", problem: "token", message: "The token is wrong.", hint: "Set another." };
  await expect(connect(modelOf(problem, problem), signal)).rejects.toMatchObject({ code: "token", message: "The token is wrong.", hint: "Set another." });
});

test("a page that was proved waits for its server, and believes its address where the kernel has died with it", async () => {
  pageSees("one");
  const model = modelOf({ serverId: "one", problem: "" });
  await connect(model, signal);
  pageSees(null);
  await expect(connect(model, signal)).rejects.toMatchObject({ code: "offline", retryable: true });
  pageSees("two");
  model.state["dead"] = true;
  expect((await connect(model, signal)).kind).toBe("http");
});

test("an extension of another version is named, also where the page reaches it", async () => {
  pageSees("one");
  const model = modelOf({ serverId: "one", problem: "version", message: "It has version 9." });
  await expect(connect(model, signal)).rejects.toMatchObject({ code: "version", message: "It has version 9." });
});
