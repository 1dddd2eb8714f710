/**
 * The waveform with its region: an overview of the whole, below it the part that is shown.
 *
 * Handles are sliders; a press on the waveform takes the nearer one, on the overview it scrolls.
 */
import { h, mark, on, onKeys } from "../dom";
import { atEnd, box } from "../view";
import { clock } from "../format";
import * as t from "../strings";
import { paint } from "./paint";
import type { Peaks } from "./peaks";
import { limits, moved, secondsOf, steps, type Edge, type Region, type Sound } from "./region";
import { around, following, scrolled, zoomed, type Viewport } from "./viewport";

const LEAST_SAMPLES = 64;
const THEME_MS = 500; // a theme's colours come after its name
const EDGES: Edge[] = ["first", "last"];

export interface Hooks {
  region(): Region;
  /** `whole` once a movement has ended. */
  move(region: Region, whole: boolean): void;
  play(): void;
}

export interface Stage {
  element: HTMLElement;
  draw(): void;
  /** Show where it plays, in seconds; null hides it. */
  head(at: number | null): void;
  zoom(factor: number): void;
  fit(whole: boolean): void;
}

/** Make the stage of one view. */
export function stage(sound: Sound, peaks: Peaks, hooks: Hooks, signal: AbortSignal): Stage {
  const duration = secondsOf(sound.frames, sound);
  const least = LEAST_SAMPLES / sound.rate;
  let view: Viewport = { from: 0, to: duration };
  let frame = 0;

  const wave = h("canvas.wave", { "aria-hidden": "true" });
  const map = h("canvas.wave", { "aria-hidden": "true" });
  const shown = box("map-shown");
  const shades = EDGES.map((edge) => box(`shade.shade-${edge}`));
  const line = box("head");
  line.hidden = true;
  const handles = EDGES.map((edge) =>
    h(`div.handle.handle-${edge}`, { role: "slider", tabindex: 0, "aria-orientation": "horizontal", "aria-label": edge === "first" ? t.trimmer.first : t.trimmer.last }),
  );
  const field = box("field", wave, ...shades, line, ...handles);
  const overview = box("map", map, shown);
  const element = box("stage", overview, field);

  const place = (at: number): number => ((at - view.from) / (view.to - view.from)) * 100;
  const timeAt = (x: number, on: HTMLElement, { from, to }: Viewport): number => {
    const { left, width } = on.getBoundingClientRect();
    return from + ((x - left) / (width || 1)) * (to - from);
  };

  function now(): void {
    frame = 0;
    if (!wave.clientWidth) return; // not laid out: what is drawn now would stay when it is shown in its old size
    const region = hooks.region();
    const chosen = EDGES.map((edge) => secondsOf(region[edge], sound)) as [number, number];
    paint(wave, peaks, view, chosen, true);
    paint(map, peaks, { from: 0, to: duration }, chosen, false);
    shown.style.left = `${(view.from / duration) * 100}%`;
    shown.style.width = `${((view.to - view.from) / duration) * 100}%`;
    shown.hidden = view.to - view.from >= duration;
    EDGES.forEach((edge, n) => {
      const at = Math.min(100, Math.max(0, place(chosen[n] as number)));
      const handle = handles[n] as HTMLElement;
      const off = place(chosen[n] as number);
      handle.style.left = `${at}%`;
      handle.classList.toggle("na-off", off < 0 || off > 100);
      (shades[n] as HTMLElement).style.width = `${n ? 100 - at : at}%`;
      const [low, high] = limits(region, edge, sound);
      const told = { min: low, max: high, now: region[edge] };
      for (const [name, sample] of Object.entries(told)) mark(handle, `aria-value${name}`, +secondsOf(sample, sound).toFixed(6));
      handle.ariaValueText = clock(chosen[n] as number);
    });
  }
  const draw = (): void => void (frame ||= requestAnimationFrame(now));
  const show = (next: Viewport): void => {
    view = next;
    draw();
  };

  function zoom(factor: number, at?: number): void {
    const region = hooks.region();
    const middle = secondsOf((region.first + region.last) / 2, sound);
    const inside = middle >= view.from && middle <= view.to;
    show(zoomed(view, factor, at ?? (inside ? middle : (view.from + view.to) / 2), duration, least));
  }
  function fit(whole: boolean): void {
    const { first, last } = hooks.region();
    show(whole ? { from: 0, to: duration } : around(secondsOf(first, sound), secondsOf(last, sound), duration, least));
  }

  const move = (edge: Edge, sample: number, whole: boolean): void => {
    hooks.move(moved(hooks.region(), edge, sample, sound), whole);
    const at = secondsOf(hooks.region()[edge], sound);
    if (whole) view = following(view, at, duration);
    draw();
  };

  const common = { "+": () => zoom(2), "=": () => zoom(2), "Shift++": () => zoom(2), "-": () => zoom(0.5), "0": () => fit(true), " ": hooks.play };
  EDGES.forEach((edge, n) => {
    const keys: Record<string, () => void> = { ...common };
    for (const [key, step] of Object.entries(steps(sound))) keys[key] = () => move(edge, hooks.region()[edge] + step, true);
    keys["Home"] = () => move(edge, 0, true);
    keys["End"] = () => move(edge, sound.frames, true);
    onKeys(handles[n] as HTMLElement, keys, signal);
  });

  let held: Edge | null = null;
  const drag = (event: PointerEvent, whole: boolean): void => {
    if (held) move(held, timeAt(event.clientX, field, view) * sound.rate, whole);
  };
  on(field, "pointerdown", (event: PointerEvent) => {
    if (event.button) return;
    const at = timeAt(event.clientX, field, view) * sound.rate;
    const region = hooks.region();
    const n = handles.indexOf(event.target as HTMLDivElement);
    held = EDGES[n] ?? (Math.abs(at - region.first) <= Math.abs(at - region.last) ? "first" : "last");
    event.preventDefault();
    field.setPointerCapture(event.pointerId);
    (handles[EDGES.indexOf(held)] as HTMLElement).focus({ preventScroll: true });
    if (n < 0) drag(event, false);
  }, signal);
  on(field, "pointermove", (event: PointerEvent) => drag(event, false), signal);
  on(field, "pointerup pointercancel", (event: PointerEvent) => {
    if (held && event.type === "pointerup") hooks.move(hooks.region(), true);
    held = null;
  }, signal);

  let scrolling = false;
  const scroll = (event: PointerEvent): void => {
    if (scrolling) show(scrolled(view, timeAt(event.clientX, overview, { from: 0, to: duration }) - (view.from + view.to) / 2, duration));
  };
  on(overview, "pointerdown", (event: PointerEvent) => {
    scrolling = true;
    overview.setPointerCapture(event.pointerId);
    scroll(event);
  }, signal);
  on(overview, "pointermove", scroll, signal);
  on(overview, "pointerup pointercancel", () => (scrolling = false), signal);

  // a wheel alone scrolls the notebook, as everywhere
  const wheel = (event: WheelEvent): void => {
    const across = event.deltaX || (event.shiftKey ? event.deltaY : 0);
    if (event.ctrlKey) zoom(Math.exp(-event.deltaY / 300), timeAt(event.clientX, field, view));
    else if (across && view.to - view.from < duration) show(scrolled(view, (across / field.clientWidth) * (view.to - view.from), duration));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  field.addEventListener("wheel", wheel, { passive: false, signal });

  const sizes = new ResizeObserver(draw);
  sizes.observe(field);
  const sights = new IntersectionObserver(draw);
  sights.observe(field);
  const themes = new MutationObserver(() => {
    draw();
    setTimeout(draw, THEME_MS);
  });
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] });
  /** Another zoom of the page, or another screen: sharp there too. */
  const screened = (): void => {
    draw();
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", screened, { once: true, signal });
  };
  screened();
  on(window, "resize", draw, signal);
  atEnd(signal, () => {
    sizes.disconnect();
    sights.disconnect();
    themes.disconnect();
    cancelAnimationFrame(frame);
  });

  return {
    element,
    draw,
    head(at) {
      line.hidden = at === null;
      if (at === null) return;
      const next = following(view, at, duration);
      if (next !== view) show(next);
      line.style.left = `${place(at)}%`;
    },
    zoom: (factor) => zoom(factor),
    fit,
  };
}
