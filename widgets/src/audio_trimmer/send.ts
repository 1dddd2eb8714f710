/**
 * Send one sound, a chunk after the other. A chunk that is sent twice counts once on the server, so what may
 * pass is waited out and sent again.
 */
import { ApiError, type Transport } from "../transport/index";

const COMM_CHUNK = (1 << 20) - (4 << 10); // with its form it fits one frame
const WAITS_MS = [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000];

/** Whom the file belongs to. */
export type Target = Record<"sessionId" | "nodeName" | "nodeId", string>;

/**
 * Send a file and give its path on the server.
 *
 * @param progress - told the bytes that the server has
 */
export async function send(transport: Transport, file: File, target: Target, progress: (sent: number) => void, signal: AbortSignal): Promise<string> {
  const { chunkSize } = (await transport.request("GET", "/api/upload/config", { signal })).json() as { chunkSize: number };
  const size = transport.kind === "comm" ? COMM_CHUNK : chunkSize;
  const totalChunks = Math.max(1, Math.ceil(file.size / size));
  for (let chunkIndex = 0; ; chunkIndex++) {
    const form = new FormData();
    const fields = { ...target, filename: file.name, chunkIndex, totalChunks, chunkSize: size, totalSize: file.size };
    for (const [name, value] of Object.entries(fields)) form.append(name, `${value}`);
    form.append("file", file.slice(chunkIndex * size, (chunkIndex + 1) * size), file.name);
    const told = (await patiently(() => transport.request("POST", "/api/upload", { body: form, signal }), signal)).json() as { filePath?: string };
    progress(Math.min(file.size, (chunkIndex + 1) * size));
    if (told.filePath && chunkIndex + 1 === totalChunks) return told.filePath;
  }
}

async function patiently<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const wait of WAITS_MS) {
    try {
      return await act();
    } catch (error) {
      if (signal.aborted || !(error instanceof ApiError) || !error.retryable) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.max(wait, (error.retryAfter ?? 0) * 1000)));
    }
  }
  return act();
}
