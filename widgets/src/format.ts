/** Numbers as people read them. */

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** A size in SI units, as disks are sold: `1.5 GB`. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  for (; value >= 999.5 && UNITS[unit + 1]; unit++) value /= 1000;
  return `${value.toFixed(!unit || value >= 99.95 ? 0 : 1)} ${UNITS[unit]}`;
}

/** Bytes a second. */
export function speed(rate: number): string {
  return `${bytes(rate)}/s`;
}

/** A span of time in words: `45 s`, `3 min`, `2 h 5 min`. */
export function seconds(count: number): string {
  const whole = Math.max(0, Math.ceil(count));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${minutes / 60} h`;
}

/** A place in a sound: `HH:MM:SS.mmm`. */
export function clock(at: number): string {
  const ms = Math.round(Math.max(0, at) * 1000);
  const pad = (value: number, width = 2): string => String(Math.floor(value)).padStart(width, "0");
  return `${pad(ms / 3_600_000)}:${pad((ms / 60_000) % 60)}:${pad((ms / 1000) % 60)}.${pad(ms % 1000, 3)}`;
}

/** Read what somebody typed: `1:02:03.5`, `2:03`, `3.25` or `3,25`; null where it is no time. */
export function parseClock(text: string): number | null {
  const match = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?|[.,]\d+)$/.exec(text.trim());
  if (!match) return null;
  const [, hours = "0", minutes = "0", rest = "0"] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest.replace(",", "."));
}

/** Chunks that are acknowledged together say nothing of a speed. */
const SHORTEST_MS = 500;

/** How fast a number grows, over the last few seconds. */
export class Rate {
  readonly #window: number;
  #seen: { at: number; total: number }[] = [];

  /** @param windowMs milliseconds that are looked back */
  constructor(windowMs = 5_000) {
    this.#window = windowMs;
  }

  /** Tell the total at a time in milliseconds. */
  add(total: number, at: number): void {
    this.#seen.push({ at, total });
    while (this.#seen.length > 2 && (this.#seen[0] as { at: number }).at < at - this.#window) this.#seen.shift();
  }

  /** A second's growth; 0 while nothing is known. */
  get perSecond(): number {
    const first = this.#seen[0];
    const last = this.#seen.at(-1);
    if (!first || !last || last.at < first.at + SHORTEST_MS) return 0;
    return Math.max(0, ((last.total - first.total) / (last.at - first.at)) * 1000);
  }

  /** Seconds until a total is reached; null while nothing moves. */
  left(total: number): number | null {
    const last = this.#seen.at(-1);
    return last && this.perSecond > 0 ? Math.max(0, (total - last.total) / this.perSecond) : null;
  }

  /** Forget: after a pause the old speed says nothing. */
  clear(): void {
    this.#seen = [];
  }
}
