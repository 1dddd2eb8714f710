/** What a request may be refused with: the server's own words, or ours where nothing answered. */

interface Details {
  status?: number;
  code?: string;
  hint?: string;
  retryAfter?: number | undefined;
  retryable?: boolean;
}

/** A refusal. `message` says what happened, `hint` what to do. */
export class ApiError extends Error {
  /** HTTP's, 0 where nothing answered. */
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;

  constructor(message: string, { status = 0, code = "", hint = "", retryAfter, retryable }: Details = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.retryAfter = retryAfter;
    this.retryable = retryable ?? [0, 408, 425, 429, 502, 503, 504].includes(status);
  }
}

/** Make the error of a reply; a proxy's page of HTML is not shown to anybody. */
export function refusal(status: number, headers: Record<string, string>, text: string, fallback: string): ApiError {
  let told: { message?: string; code?: string; hint?: string | null; retryable?: boolean } = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed) told = parsed;
  } catch {
    // not ours: the status is all that is known
  }
  const after = Number(headers["retry-after"]);
  return new ApiError(told.message || fallback, {
    status,
    code: told.code || `http_${status}`,
    hint: told.hint ?? "",
    retryAfter: Number.isFinite(after) && headers["retry-after"] ? after : undefined,
    ...(typeof told.retryable === "boolean" && { retryable: told.retryable }),
  });
}
