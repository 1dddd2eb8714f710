/**
 * Straight from the page to its Jupyter server.
 *
 * JupyterLab and Notebook write where the server is into `#jupyter-config-data`, nbclassic onto its `<body>`.
 * A page with a token sends it; one with a cookie sends the `_xsrf` cookie's value as a header.
 */
import * as t from "../strings";
import { ApiError, replyOf } from "./errors";
import type { Reply, RequestOptions, Transport } from "./index";

/** Find the server that serves this page; null where there is none, as in VS Code or Colab. */
export function findPage(): Transport | null {
  let told: { baseUrl?: string | undefined; token?: string } = { baseUrl: document.body.dataset["baseUrl"] };
  try {
    told = { ...told, ...JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "{}") };
  } catch {
    // somebody else's element
  }
  const { baseUrl, token } = told;
  return baseUrl ? httpTransport(new URL(baseUrl, document.baseURI).href.replace(/\/+$/, ""), token) : null;
}

/** Make the way to a server by its address, without a slash at its end. */
function httpTransport(base: string, token: string | undefined): Transport {
  const url = (path: string): string => base + path;
  return {
    kind: "http",
    url,
    request(method, path, options = {}) {
      const headers: Record<string, string> = { ...options.headers };
      const xsrf = /(?:^|; )_xsrf=([^;]+)/.exec(document.cookie)?.[1];
      if (token) headers["Authorization"] = `token ${token}`;
      if (xsrf) headers["X-XSRFToken"] = decodeURIComponent(xsrf);
      if (options.json !== undefined) headers["Content-Type"] = "application/json";
      return send(method, url(path), headers, options);
    },
  };
}

/** XMLHttpRequest, because fetch does not say whether a body still leaves: a slow line is no silence. */
function send(method: string, url: string, headers: Record<string, string>, { json, body, signal, timeout, left }: RequestOptions): Promise<Reply> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const xhr = new XMLHttpRequest();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let silent = false;
    const stop = (): void => xhr.abort();
    const alive = (): void => {
      clearTimeout(timer);
      if (timeout) timer = setTimeout(() => ((silent = true), stop()), timeout);
    };
    xhr.open(method, url);
    xhr.responseType = "arraybuffer";
    for (const name in headers) xhr.setRequestHeader(name, headers[name] as string);
    xhr.onprogress = alive;
    xhr.upload.onprogress = ({ loaded }) => (alive(), left?.(loaded));
    xhr.onloadend = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      if (xhr.status) resolve(replyOf(xhr.status, headersOf(xhr), xhr.response as ArrayBuffer));
      else reject(signal?.aborted ? signal.reason : new ApiError(t.transport.offline, { code: silent ? "timeout" : "offline" }));
    };
    signal?.addEventListener("abort", stop);
    alive();
    xhr.send(json === undefined ? (body ?? null) : JSON.stringify(json));
  });
}

/** The names come in small letters, as the standard says. */
const headersOf = (xhr: XMLHttpRequest): Record<string, string> =>
  Object.fromEntries(Array.from(xhr.getAllResponseHeaders().matchAll(/^(.+?): *(.*)/gm), ([, name, value]) => [name, value]));
