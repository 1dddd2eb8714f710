/**
 * Straight from the page to its Jupyter server.
 *
 * JupyterLab and Notebook write where the server is into `#jupyter-config-data`, nbclassic onto its `<body>`.
 * A page with a token sends it; one with a cookie sends the `_xsrf` cookie's value as a header.
 */
import * as t from "../strings";
import { ApiError, refusal } from "./errors";
import type { Reply, RequestOptions, Transport } from "./index";

/** Find the server that serves this page; null where there is none, as in VS Code or Colab. */
export function findPage(page: Document = document): HttpTransport | null {
  const config = page.getElementById("jupyter-config-data")?.textContent;
  if (config) {
    try {
      const { baseUrl, token } = JSON.parse(config) as { baseUrl?: string; token?: string };
      if (baseUrl) return new HttpTransport(new URL(baseUrl, page.baseURI).href, token ?? "");
    } catch {
      return null;
    }
  }
  const base = page.body?.dataset["baseUrl"];
  return base ? new HttpTransport(new URL(base, page.baseURI).href, "") : null;
}

export class HttpTransport implements Transport {
  readonly kind = "http";
  readonly #base: string;
  readonly #token: string;

  constructor(base: string, token: string) {
    this.#base = base.replace(/\/+$/, "");
    this.#token = token;
  }

  url(path: string): string {
    return this.#base + path;
  }

  /** XMLHttpRequest, because fetch does not say how much of a body has left. */
  request(method: string, path: string, options: RequestOptions = {}): Promise<Reply> {
    const { json, body, signal, onSent, timeout = 0 } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(aborted(signal));
      const xhr = new XMLHttpRequest();
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
        act();
      };
      const stop = (): void => {
        xhr.abort();
        settle(() => reject(signal?.aborted ? aborted(signal) : new ApiError(t.transport.timeout, { code: "timeout" })));
      };
      let timer: ReturnType<typeof setTimeout> | undefined;
      const alive = (): void => {
        clearTimeout(timer);
        if (timeout) timer = setTimeout(stop, timeout);
      };
      xhr.open(method, this.url(path));
      xhr.responseType = "arraybuffer";
      for (const [name, value] of Object.entries(this.#headers(options))) xhr.setRequestHeader(name, value);
      xhr.upload.onprogress = ({ loaded }) => {
        alive();
        onSent?.(loaded);
      };
      xhr.onprogress = alive;
      xhr.onerror = () => settle(() => reject(new ApiError(t.transport.offline, { code: "offline" })));
      xhr.onload = () => settle(() => answer(xhr, resolve, reject));
      signal?.addEventListener("abort", stop);
      alive();
      xhr.send(json === undefined ? (body ?? null) : JSON.stringify(json));
    });
  }

  #headers({ json, headers }: RequestOptions): Record<string, string> {
    const all: Record<string, string> = { ...headers };
    const xsrf = /(?:^|; )_xsrf=([^;]+)/.exec(document.cookie)?.[1];
    if (this.#token) all["Authorization"] = `token ${this.#token}`;
    if (xsrf) all["X-XSRFToken"] = decodeURIComponent(xsrf);
    if (json !== undefined) all["Content-Type"] = "application/json";
    return all;
  }
}

function answer(xhr: XMLHttpRequest, resolve: (reply: Reply) => void, reject: (error: ApiError) => void): void {
  const headers = parsed(xhr.getAllResponseHeaders());
  const data = (xhr.response as ArrayBuffer | null) ?? new ArrayBuffer(0);
  const text = (): string => new TextDecoder().decode(data);
  const { status } = xhr;
  if (status >= 400) {
    const login = status === 401 || (status === 403 && !headers["content-type"]?.includes("json"));
    return reject(refusal(status, headers, text(), login ? t.transport.login : t.transport.refused(status)));
  }
  resolve({ status, headers, ok: true, json: () => JSON.parse(text()) as unknown, bytes: () => data });
}

function parsed(lines: string): Record<string, string> {
  const pairs = lines
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(/:\s*(.*)/s) as [string, string?]);
  return Object.fromEntries(pairs.filter(([name]) => name).map(([name, value]) => [name.toLowerCase(), value ?? ""]));
}

function aborted(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException("Aborted", "AbortError");
}
