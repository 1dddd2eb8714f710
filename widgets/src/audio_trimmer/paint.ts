/** Draw a sound on a canvas, as sharp as the screen is. */
import { clock } from "../format";
import type { Peaks } from "./peaks";
import { ruled, type Viewport } from "./viewport";

const RULER = 18; // CSS pixels
const ROOM = 110; // for a mark's words

/** Fit a canvas to its box and the screen; gives its size in device pixels. */
function fitted(canvas: HTMLCanvasElement): { width: number; height: number; ratio: number } {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return { width, height, ratio };
}

/**
 * Draw what a viewport shows.
 *
 * @param chosen - start and end in seconds: drawn in the accent's colour
 */
export function paint(canvas: HTMLCanvasElement, peaks: Peaks, view: Viewport, chosen: [number, number], ruler: boolean): void {
  const { width, height, ratio } = fitted(canvas);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  pen.clearRect(0, 0, width, height);
  const top = ruler ? Math.round(RULER * ratio) : 0;
  const each = (view.to - view.from) / width;
  peaks.want(view.from, view.to, width);
  const level = peaks.level(view.from, view.to, width);
  const middle = (top + height) / 2;
  const scale = (height - top) / 2 - ratio * 2;
  const [inside, outside] = [colour("--na-wave"), colour("--na-wave-quiet")];
  for (let x = 0; x < width; x++) {
    const at = view.from + x * each;
    const found = peaks.column(at, at + each, level);
    if (!found) continue;
    pen.fillStyle = at >= chosen[0] && at < chosen[1] ? inside : outside;
    const upper = Math.round(middle - found[1] * scale);
    pen.fillRect(x, upper, 1, Math.max(ratio, Math.round(middle - found[0] * scale) - upper));
  }
  if (ruler) rule(pen, view, { width, top, ratio }, colour("--na-quiet"), style.fontFamily);
}

function rule(pen: CanvasRenderingContext2D, view: Viewport, size: { width: number; top: number; ratio: number }, colour: string, font: string): void {
  const span = view.to - view.from;
  const step = ruled(span, size.width / size.ratio / ROOM);
  pen.fillStyle = colour;
  pen.font = `${10 * size.ratio}px ${font || "sans-serif"}`;
  pen.textBaseline = "middle";
  for (let n = Math.ceil(view.from / step); n * step < view.to; n++) {
    const x = Math.round(((n * step - view.from) / span) * size.width);
    pen.fillRect(x, 0, Math.max(1, Math.round(size.ratio)), size.top * 0.75);
    pen.fillText(mark(n * step, step), x + 4 * size.ratio, size.top * 0.45);
  }
}

/** A time as short as the marks' distance allows. */
function mark(at: number, step: number): string {
  const whole = clock(at).replace(/^00:/, "");
  return step < 1 ? whole : whole.slice(0, -4);
}
