/** How large a chunk is, how long is waited, and what an error means for a queue. */
import { ApiError, type Transport } from "../transport/index";
import type { ConfigReply } from "../wire";

export const SMALLEST_CHUNK = 64 << 10;
const COMM_CHUNK = (1 << 20) - (4 << 10); // with its form it fits one frame
const LONGEST_WAIT_MS = 15_000;
const LOGIN_WAIT_MS = 5_000;

/** Choose the size of a file's chunks: as advised, larger where the server counts them. */
export function chunkFor(size: number, { kind }: Transport, config: ConfigReply): number {
  if (kind === "comm") return COMM_CHUNK;
  return Math.min(config.maxChunkSize, Math.max(config.chunkSize, Math.ceil(size / config.maxChunks)));
}

/** Half of it, down to what fits everywhere. */
export const smaller = (chunkSize: number): number => Math.max(SMALLEST_CHUNK, Math.ceil(chunkSize / 2));

/** Whether the file is still as it was picked; one that was changed or moved cannot be read any more. */
export async function readable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** Whether somebody has to log in again. */
export const expired = ({ status, code }: ApiError): boolean => status === 401 || (status === 403 && code !== "read_only");

export function asError(reason: unknown): ApiError {
  if (reason instanceof ApiError) return reason;
  return new ApiError(reason instanceof Error ? reason.message : String(reason), { code: "internal", retryable: false });
}

/** Milliseconds to wait after so many tries in vain; random, so that many pages do not come back at once. */
export function waitFor(error: ApiError, tries: number, random: number): number {
  if (error.retryAfter) return error.retryAfter * 1000;
  const longest = expired(error) ? LOGIN_WAIT_MS : Math.min(LONGEST_WAIT_MS, 1000 * 2 ** tries);
  return longest * (0.5 + random / 2);
}
