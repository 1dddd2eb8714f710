import { expect, test, vi } from "vitest";
import { Peaks, type Tile } from "./peaks";

const tile = (start: number, end: number, quality = "exact"): Tile => ({ start, end, quality, min: Array(2048).fill(-end), max: Array(2048).fill(end) });
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test("a far view asks for one tile, a near one for what it shows only, and nothing twice", async () => {
  const ask = vi.fn(async (start: number, end: number) => tile(start, end));
  const peaks = new Peaks(64, 44100, ask, () => undefined, new AbortController().signal);
  peaks.want(0, 64, 1000);
  peaks.want(0, 64, 1000);
  await settled();
  expect(ask.mock.calls).toEqual([[0, 64, 2048]]);
  peaks.want(16.5, 17.5, 2048);
  await settled();
  expect(ask.mock.calls.slice(1)).toEqual([[16, 17, 2048], [17, 18, 2048]]);
});

test("what is not here yet is drawn from a coarser tile", async () => {
  const peaks = new Peaks(64, 44100, async (start, end) => tile(start, end), () => undefined, new AbortController().signal);
  expect(peaks.column(1, 1.1, 6)).toBeNull();
  peaks.want(0, 64, 1000);
  await settled();
  expect(peaks.column(1, 1.1, 6)).toEqual([-64, 64]);
});

test("a sparse look is asked for again until it is exact", async () => {
  vi.useFakeTimers();
  const qualities = ["preview", "preview", "exact"];
  const ask = vi.fn(async (start: number, end: number) => tile(start, end, qualities.shift()));
  const peaks = new Peaks(64, 44100, ask, () => undefined, new AbortController().signal);
  peaks.want(0, 64, 100);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ask).toHaveBeenCalledTimes(3);
  expect(peaks.exact).toBe(true);
  vi.useRealTimers();
});
