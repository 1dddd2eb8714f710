/**
 * What is chosen of a sound: a half-open range whose ends lie on samples, at least one sample long.
 *
 * Counted in samples, so that what is shown, played and saved is the same to the sample.
 */
export interface Sound {
  /** Samples a second. */
  rate: number;
  /** Samples in all. */
  frames: number;
}

/** `[first, last)`, in samples. */
export interface Region {
  first: number;
  last: number;
}

export type Edge = "first" | "last";

const within = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** Give the sample nearest to a time in seconds. */
export const sampleAt = (seconds: number, { rate }: Sound): number => Math.round(seconds * rate);

/** Give the time of a sample; the server rounds it to the same sample again. */
export const secondsOf = (sample: number, { rate }: Sound): number => sample / rate;

/** Give the range between two times; `end` null is the end of the sound. */
export function regionOf(start: number, end: number | null, sound: Sound): Region {
  const first = within(sampleAt(start, sound), 0, sound.frames - 1);
  const last = end === null ? sound.frames : within(sampleAt(end, sound), first + 1, sound.frames);
  return { first, last };
}

/** Move one end; it stops a sample before the other. */
export function moved(region: Region, edge: Edge, sample: number, sound: Sound): Region {
  const [low, high] = limits(region, edge, sound);
  return { ...region, [edge]: within(Math.round(sample), low, high) };
}

/** Between which samples an end can be. */
export function limits({ first, last }: Region, edge: Edge, { frames }: Sound): [number, number] {
  return edge === "first" ? [0, last - 1] : [first + 1, frames];
}

/** How far keys move an end, in samples: `ArrowLeft`, `Shift+ArrowLeft` ... */
export function steps({ rate }: Sound): Record<string, number> {
  const found: Record<string, number> = { PageUp: rate, PageDown: -rate };
  const sizes = { "": rate / 100, "Shift+": rate / 10, "Alt+": 1 };
  for (const [modifier, size] of Object.entries(sizes)) {
    const whole = Math.max(1, Math.round(size));
    for (const key of ["ArrowRight", "ArrowUp"]) found[modifier + key] = whole;
    for (const key of ["ArrowLeft", "ArrowDown"]) found[modifier + key] = -whole;
  }
  return found;
}
