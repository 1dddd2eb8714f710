/** Which part of a sound is on the screen, in seconds. */
export interface Viewport {
  from: number;
  to: number;
}

/** Keep the span, and move it into `[0, duration]`. */
function placed(from: number, span: number, duration: number): Viewport {
  const start = Math.max(0, Math.min(from, duration - span));
  return { from: start, to: start + span };
}

/**
 * Show more or less; the time `at` stays where it is on the screen.
 *
 * @param factor - above 1 comes nearer
 * @param least - the shortest span in seconds
 */
export function zoomed({ from, to }: Viewport, factor: number, at: number, duration: number, least: number): Viewport {
  const span = Math.min(duration, Math.max(Math.min(least, duration), (to - from) / factor));
  return placed(at - ((at - from) / (to - from)) * span, span, duration);
}

/** Move by seconds. */
export const scrolled = ({ from, to }: Viewport, by: number, duration: number): Viewport => placed(from + by, to - from, duration);

/** Show a range with a little around it. */
export function around(start: number, end: number, duration: number, least: number): Viewport {
  const span = Math.min(duration, Math.max(least, (end - start) * 1.2));
  return placed((start + end - span) / 2, span, duration);
}

/** Turn a page when a moving place has left the screen. */
export function following(view: Viewport, at: number, duration: number): Viewport {
  const inside = at >= view.from && at <= view.to;
  return inside ? view : placed(at, view.to - view.from, duration);
}

const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

/** Seconds between two marks of a ruler that has room for so many. */
export function ruled(span: number, room: number): number {
  return STEPS.find((step) => span / step <= room) ?? 7200;
}
