/**
 * A listbox of any length: only the rows in view exist, the box behind them is as tall as all would be.
 *
 * The focus stays where it is, in the box or in the search field above it; `aria-activedescendant` names the
 * active row (WAI-ARIA Authoring Practices, listbox and combobox), so rows may come and go under it.
 */
import { h, mark, on } from "../dom";
import { atEnd } from "../view";
import * as t from "../strings";
import { windowOf, type Model } from "./listing";
import { emptyRow, fillRow, type RowState } from "./row";

/** What the view asks of its owner. */
export interface Source {
  rows(): Model[];
  total(): number;
  state(model: Model): RowState;
  /** The rows up to that one are wanted. */
  need(index: number): void;
  /** Another row became the active one. */
  activated(): void;
  /** The active row was pressed, and `first` whether that made it the active one. */
  pressed(first: boolean): void;
}

/** The box of rows. */
export interface ListView {
  readonly element: HTMLElement;
  /** The place of the active row; -1 while there is none. */
  active: number;
  /** Act on a key, in the box or in the field that controls it; true where it was one of the list's. */
  key(event: KeyboardEvent): boolean;
  draw(): void;
}

const ROW_PX = 52; // as the stylesheet has it

export const ACTIVE = "aria-activedescendant";

/** Make the box; ids of its rows begin with `prefix`. */
export function listView(source: Source, prefix: string, signal: AbortSignal): ListView {
  const sizer = h("div.list-sizer", { role: "presentation" });
  const element = h("div.list", { role: "listbox", tabindex: "0", id: prefix, "aria-label": t.picker.list }, sizer);
  let made = new Map<number, HTMLElement>();
  let frame = 0;

  const activate = (index: number): void => {
    const place = (view.active = Math.max(0, Math.min(index, source.total() - 1)));
    const { scrollTop, clientHeight } = element;
    element.scrollTop = Math.max(Math.min(scrollTop, place * ROW_PX), (place + 1) * ROW_PX - clientHeight);
    draw();
    source.activated();
  };

  const draw = (): void => {
    frame = 0;
    const total = source.total();
    const [first, last] = windowOf(element.scrollTop, element.clientHeight || 400, ROW_PX, total);
    const rows = source.rows();
    if (last > rows.length) source.need(last - 1);
    sizer.style.height = `${total * ROW_PX}px`;
    const shown = new Map<number, HTMLElement>();
    for (let index = first; index < last; index += 1) {
      const one = made.get(index) ?? emptyRow(`${prefix}-${index}`);
      shown.set(index, one);
      one.style.transform = `translateY(${index * ROW_PX}px)`;
      one.dataset["index"] = `${index}`;
      one.ariaSetSize = `${total}`;
      one.ariaPosInSet = `${index + 1}`;
      one.classList.toggle("na-row-active", index === view.active);
      const model = rows[index];
      fillRow(one, model, model ? source.state(model) : null);
    }
    // in the order of the list, because screen readers read in the order of the page; and only when others come into view
    if (`${[...shown.keys()]}` !== `${[...made.keys()]}`) sizer.replaceChildren(...shown.values());
    made = shown;
    const active = made.get(view.active);
    mark(element, ACTIVE, rows[view.active] && active?.id);
  };

  const view: ListView = {
    element,
    active: -1,
    draw,
    key(event) {
      const page = Math.max(1, Math.floor(element.clientHeight / ROW_PX) - 1);
      const { active } = view;
      const steps: Record<string, number> = {
        ArrowDown: active + 1,
        ArrowUp: active - 1,
        PageDown: active + page,
        PageUp: active - page,
        ...(event.currentTarget === element && { Home: 0, End: source.total() }), // in the field they are the text's
      };
      const place = steps[event.key];
      if (place === undefined || event.ctrlKey || event.metaKey || event.altKey) return false;
      activate(place);
      return true;
    },
  };

  const again = (): void => void (frame ||= requestAnimationFrame(draw));
  on(element, "scroll", again, signal);
  on(element, "click", (event: MouseEvent) => {
    const row = (event.target as Element).closest<HTMLElement>("[role=option]");
    const place = Number(row?.dataset["index"]);
    if (!row || !source.rows()[place]) return;
    const first = place !== view.active;
    activate(place);
    source.pressed(first);
  }, signal);
  const watch = new ResizeObserver(again);
  watch.observe(element);
  atEnd(signal, () => {
    watch.disconnect();
    cancelAnimationFrame(frame);
  });
  return view;
}

