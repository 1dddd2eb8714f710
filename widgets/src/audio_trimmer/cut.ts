/**
 * Ask for the cut.
 *
 *     listen    awaited by this page, where a plain preview would not be what is saved (fades, loudness, formats)
 *     save      a job: it outlives the page, can be cancelled, and the kernel sees it too
 */
import { ApiError, type Transport } from "../transport/index";
import type { JobStatus, TrimReply, TrimRequest, TrimStarted } from "../wire";

/** What a cut is made of; both ends are known here. */
export type Order = TrimRequest & { start: number; end: number };

/** Ask for JSON. */
export const told = async <T>(transport: Transport, path: string, signal: AbortSignal): Promise<T> =>
  (await transport.request("GET", path, { signal })).json() as T;

const FIRST_MS = 60;
const MOST_MS = 500;

/** Whether the preview route gives the very samples that would be saved. */
export const plain = ({ format, fadeIn, fadeOut, normalize }: Order): boolean => !format && !fadeIn && !fadeOut && !normalize;

/** Give what to listen to: an address, or bytes where the page has none. */
export async function listen(transport: Transport, order: Order, signal: AbortSignal): Promise<string | ArrayBuffer> {
  const { filePath, start, end } = order;
  let path = `/api/audio/preview?${new URLSearchParams({ filePath, start: `${start}`, end: `${end}` })}`;
  if (!plain(order)) {
    const made = await transport.request("POST", "/api/audio/trim", { json: order, signal });
    path = pathOf((made.json() as TrimReply).filePath);
  }
  const address = transport.url(path);
  if (!address) return (await transport.request("GET", path, { signal })).bytes();
  await transport.request("GET", path, { signal, headers: { Range: "bytes=0-43" } }); // an element would not say why it fails
  return address;
}

/** Begin a cut; gives the job's id. */
export async function begin(transport: Transport, order: Order): Promise<string> {
  const reply = await transport.request("POST", "/api/audio/trim", { json: { ...order, background: true } });
  return (reply.json() as TrimStarted).job_id;
}

/** Follow a job to its end; null when it was cancelled. */
export async function finish(transport: Transport, job: string, progress: (percent: number) => void, signal: AbortSignal): Promise<TrimReply | null> {
  for (let wait = FIRST_MS; ; wait = Math.min(MOST_MS, wait * 1.5)) {
    signal.throwIfAborted();
    const now = await told<JobStatus>(transport, `/api/downloads/status/${job}`, signal);
    if (now.state === "cancelled") return null;
    if (now.result && now.status === "completed") return now.result as unknown as TrimReply;
    if (now.status === "error") throw new ApiError(now.message, { code: now.code ?? "", hint: now.hint ?? "" });
    progress(now.progress);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** The path of a file with every part of it encoded. */
export const pathOf = (filePath: string): string => filePath.split("/").map(encodeURIComponent).join("/");
