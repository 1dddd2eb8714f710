/** What comes of a request: an answer, or the refusal in the server's own words, or in ours where it has none. */
import * as t from "../strings";
import type { ErrorReply } from "../wire";
import type { Reply } from "./index";

interface Details {
  status?: number;
  code?: string;
  hint?: string;
  retryAfter?: number | undefined;
  retryable?: boolean | undefined;
}

/** A refusal. `message` says what happened, `hint` what to do. */
export class ApiError extends Error {
  /** HTTP's, 0 where nothing answered. */
  declare readonly status: number;
  declare readonly code: string;
  declare readonly hint: string;
  /** Seconds. */
  declare readonly retryAfter: number | undefined;
  /** Whether the same request may succeed later. */
  declare readonly retryable: boolean;

  constructor(message: string, details: Details = {}) {
    super(message);
    const { status = 0, retryable = [0, 408, 425, 429, 502, 503, 504].includes(status) } = details;
    Object.assign(this, { name: "ApiError", code: "", hint: "", ...details, status, retryable });
  }
}

/** Give the answer of a request; rejects with the refusal that it is. A status of 0: nothing answered. */
export async function replyOf(status: number, headers: Record<string, string>, data: ArrayBuffer, own?: string): Promise<Reply> {
  const text = (): string => own ?? new TextDecoder().decode(data);
  if (status < 200 || status >= 400) throw refusal(status, headers, text());
  return { status, headers, json: () => JSON.parse(text()) as unknown, bytes: () => data };
}

/** Make the error of a reply; a proxy's page of HTML is not shown to anybody. */
function refusal(status: number, headers: Record<string, string>, text: string): ApiError {
  let told: Partial<ErrorReply> = {};
  try {
    told = Object(JSON.parse(text)) as typeof told;
  } catch {
    // not ours: the status is all that is known
  }
  // the server's own words are for programs: they speak of headers
  const { code = "" } = told;
  const login = status === 401 || (status === 403 && (!code || code === "not_authenticated"));
  const fallback = status ? t.transport.refused(status) : t.transport.unreachable;
  return new ApiError(login ? t.transport.login : told.message || fallback, {
    status,
    code,
    hint: login ? "" : (told.hint ?? ""),
    retryAfter: parseFloat(`${headers["retry-after"]}`) || undefined,
    retryable: told.retryable,
  });
}
