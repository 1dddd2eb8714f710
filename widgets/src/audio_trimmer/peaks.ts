/**
 * The picture of a sound, in tiles: level n cuts it into 2^n pieces of 2,048 columns each.
 *
 * A tile that the server has only sampled here and there is shown, and asked for again until it is exact.
 * What is not here yet is drawn from a coarser tile that is.
 */
import type { PeaksReply } from "../wire";

export type Tile = Pick<PeaksReply, "start" | "end" | "quality" | "min" | "max">;

export type Ask = (start: number, end: number, bins: number) => Promise<Tile>;

const BINS = 2048;
const KEPT = 96;
const AGAIN_MS = 600;
const DEEPEST = 24;

export class Peaks {
  readonly #tiles = new Map<string, Tile>();
  readonly #asked = new Set<string>();
  readonly #deepest: number;

  /** @param changed is called when there is more to draw, or with why there is not */
  constructor(
    readonly duration: number,
    rate: number,
    readonly ask: Ask,
    readonly changed: (error?: unknown) => void,
    readonly signal: AbortSignal,
  ) {
    this.#deepest = Math.max(0, Math.min(DEEPEST, Math.floor(Math.log2((duration * rate) / BINS))));
  }

  /** Ask for what a view of so many columns needs. */
  want(from: number, to: number, columns: number): void {
    const level = this.level(from, to, columns);
    const size = this.duration / 2 ** level;
    void this.#load(0, 0);
    for (let index = Math.floor(from / size); index * size < to && index < 2 ** level; index++) void this.#load(level, index);
  }

  /** The level whose columns are no wider than the screen's. */
  level(from: number, to: number, columns: number): number {
    const needed = Math.ceil(Math.log2((columns * this.duration) / (BINS * (to - from))));
    return Math.max(0, Math.min(this.#deepest, needed));
  }

  /** Lowest and highest sample between two times, from the finest tile down from `level`; null where nothing is known. */
  column(from: number, to: number, level: number): [number, number] | null {
    for (let n = level; n >= 0; n--) {
      const tile = this.#tiles.get(`${n}/${Math.floor((from / this.duration) * 2 ** n)}`);
      if (tile) return extremes(tile, from, to);
    }
    return null;
  }

  /** Whether the whole is drawn from every sample. */
  get exact(): boolean {
    return this.#tiles.get("0/0")?.quality === "exact";
  }

  async #load(level: number, index: number): Promise<void> {
    const key = `${level}/${index}`;
    if (this.#asked.has(key) || this.signal.aborted) return;
    this.#asked.add(key);
    const size = this.duration / 2 ** level;
    try {
      const tile = await this.ask(index * size, Math.min(this.duration, (index + 1) * size), BINS);
      if (this.signal.aborted) return;
      this.#keep(key, tile);
      this.changed();
      if (tile.quality === "exact") return;
      setTimeout(() => {
        this.#asked.delete(key);
        void this.#load(level, index);
      }, AGAIN_MS);
    } catch (error) {
      this.#asked.delete(key);
      if (!this.signal.aborted) this.changed(error);
    }
  }

  #keep(key: string, tile: Tile): void {
    this.#tiles.set(key, tile);
    const oldest = [...this.#tiles.keys()].find((one) => one !== "0/0");
    if (this.#tiles.size <= KEPT || !oldest) return;
    this.#tiles.delete(oldest);
    this.#asked.delete(oldest);
  }
}

function extremes({ start, end, min, max }: Tile, from: number, to: number): [number, number] {
  const each = (end - start) / min.length;
  const first = Math.max(0, Math.min(min.length - 1, Math.floor((from - start) / each)));
  const last = Math.max(first + 1, Math.min(min.length, Math.ceil((to - start) / each)));
  let [low, high] = [min[first] ?? 0, max[first] ?? 0];
  for (let i = first + 1; i < last; i++) {
    low = Math.min(low, min[i] ?? 0);
    high = Math.max(high, max[i] ?? 0);
  }
  return [low, high];
}
