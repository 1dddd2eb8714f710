// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findPage } from "./http";
import type { Transport } from "./index";

interface Answer {
  status: number;
  headers?: string;
  body?: string;
}

/** The browser's request; it answers what the test says, or stays silent, or its line is cut (status 0). */
class Fake {
  static answer: Answer | null = null;
  static last: Fake;
  readonly upload: { onprogress?: (event: { loaded: number }) => void } = {};
  readonly sent: Record<string, string> = {};
  status = 0;
  asked = "";
  body: unknown;
  onloadend?: () => void;
  constructor() {
    Fake.last = this;
  }
  open = (method: string, url: string): void => void (this.asked = `${method} ${new URL(url).pathname}`);
  setRequestHeader = (name: string, value: string): void => void (this.sent[name] = value);
  getAllResponseHeaders = (): string => Fake.answer?.headers ?? "";
  get response(): ArrayBuffer {
    return new TextEncoder().encode(Fake.answer?.body ?? "").buffer as ArrayBuffer;
  }
  abort = (): void => this.onloadend?.();
  send = (body: unknown): void => {
    this.body = body;
    const { answer } = Fake;
    if (!answer) return;
    setTimeout(() => {
      this.status = answer.status;
      this.onloadend?.();
    });
  };
}

const page = (told: object): Transport => {
  document.body.innerHTML = `<script id="jupyter-config-data" type="application/json">${JSON.stringify(told)}</script>`;
  return findPage() as Transport;
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("XMLHttpRequest", Fake);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  document.body.innerHTML = "";
  document.cookie = "_xsrf=; max-age=0";
});

/** Ask, let time pass, and give the answer or what was refused. */
async function outcome(asking: Promise<unknown>, ms = 1): Promise<unknown> {
  const settled = asking.catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(ms);
  return settled;
}

test("a page of JupyterLab says where its server is, and its token opens it", async () => {
  Fake.answer = { status: 200, headers: "etag: \"a: b\"\r\nx-total-count: 3\r\n", body: "[1]" };
  const transport = page({ baseUrl: "/user/x/", token: "t" });
  const reply = (await outcome(transport.request("POST", "/api/models", { json: { a: 1 } }))) as Awaited<ReturnType<Transport["request"]>>;
  expect([reply.headers, reply.json(), Fake.last.asked]).toEqual([{ etag: '"a: b"', "x-total-count": "3" }, [1], "POST /user/x/api/models"]);
  expect(Fake.last.sent).toEqual({ Authorization: "token t", "Content-Type": "application/json" });
  expect(Fake.last.body).toBe('{"a":1}');
});

test("a page with a cookie proves that it is no other site's", async () => {
  Fake.answer = { status: 200, body: "{}" };
  document.cookie = "_xsrf=2%7Cab";
  await outcome(page({ baseUrl: "/" }).request("DELETE", "/api/upload"));
  expect(Fake.last.sent).toEqual({ "X-XSRFToken": "2|ab" });
});

test("nbclassic says it on its body, and elsewhere there is no page of a server", () => {
  expect(findPage()).toBeNull();
  document.body.dataset["baseUrl"] = "/nb/";
  expect(findPage()?.url("/api/x")).toMatch(/\/nb\/api\/x$/);
  delete document.body.dataset["baseUrl"];
});

test.each([
  [{ status: 507, headers: "content-type: application/json", body: '{"code": "no_space", "message": "Full.", "hint": "Free some."}' }, { status: 507, code: "no_space", message: "Full.", hint: "Free some." }],
  [{ status: 503, headers: "retry-after: 7", body: "<html>" }, { status: 503, retryAfter: 7, retryable: true, message: "The server refused with status 503." }],
  [{ status: 502, body: "<html>Bad gateway</html>" }, { status: 502, retryable: true }],
  [{ status: 403, headers: "content-type: text/html", body: "<html>" }, { status: 403, message: expect.stringContaining("logged out") }],
  [{ status: 0 }, { status: 0, code: "offline", retryable: true }],
])("%o is refused as %o", async (answer, refusal) => {
  Fake.answer = answer;
  expect(await outcome(page({ baseUrl: "/" }).request("GET", "/api/models"))).toMatchObject(refusal);
});

test("silence is a timeout, unless bytes still leave", async () => {
  const left: number[] = [];
  Fake.answer = null;
  const asking = outcome(page({ baseUrl: "/" }).request("POST", "/api/upload", { timeout: 100, left: (bytes) => left.push(bytes) }), 0);
  for (let beat = 0; beat < 5; beat++) {
    await vi.advanceTimersByTimeAsync(80);
    Fake.last.upload.onprogress?.({ loaded: beat });
  }
  expect(left).toEqual([0, 1, 2, 3, 4]);
  const early = vi.fn();
  void asking.then(early);
  await vi.advanceTimersByTimeAsync(80);
  expect(early).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(30);
  expect(await asking).toMatchObject({ code: "timeout", retryable: true });
});

test("who calls off hears his own reason", async () => {
  Fake.answer = null;
  const ending = new AbortController();
  const asking = outcome(page({ baseUrl: "/" }).request("GET", "/api/models", { signal: ending.signal }));
  ending.abort(new Error("enough"));
  expect(await asking).toMatchObject({ message: "enough" });
});
