/**
 * A listbox of any length: only the rows in view exist, the box behind them is as tall as all would be.
 *
 * The focus stays where it is, in the box or in the search field above it; `aria-activedescendant` names the
 * active row (WAI-ARIA Authoring Practices, listbox and combobox), so rows may come and go under it.
 */
import { h } from "../dom";
import { bytes } from "../format";
import type { Job } from "../jobs";
import { t } from "../strings";
import { numbers, word } from "../download_progress/words";
import { windowOf, type Model } from "./listing";

/** What the view asks of its owner. */
export interface Source {
  rows(): Model[];
  total(): number;
  job(id: string): Job | undefined;
  chosen(id: string): boolean;
  /** The rows up to that one are wanted. */
  need(index: number): void;
  /** A row became the active one. */
  activated(model: Model | undefined): void;
  /** A row was chosen, or chosen again. */
  pressed(model: Model): void;
}

/** The box of rows. */
export class ListView {
  readonly element: HTMLElement;
  active = -1;
  private readonly sizer = h("div", { class: "na-list-sizer", role: "presentation" });
  private readonly made = new Map<number, HTMLElement>();
  private row = 0;
  private frame = 0;

  constructor(
    private readonly source: Source,
    private readonly prefix: string,
    signal: AbortSignal,
  ) {
    this.element = h("div", { class: "na-list", role: "listbox", tabindex: "0", id: `${prefix}-list` }, this.sizer);
    this.element.setAttribute("aria-label", t.picker.list);
    this.element.addEventListener("scroll", () => this.soon(), { signal, passive: true });
    this.element.addEventListener("click", (event) => this.clicked(event), { signal });
    const watch = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(() => this.draw());
    watch?.observe(this.element);
    signal.addEventListener("abort", () => {
      watch?.disconnect();
      cancelAnimationFrame(this.frame);
    });
  }

  /** The id of the active row's element, for whoever holds the focus. */
  get activeId(): string {
    return this.source.rows()[this.active] ? `${this.prefix}-row-${this.active}` : "";
  }

  /** Make a row active and bring it into view. */
  activate(index: number, scroll = true): void {
    const last = this.source.total() - 1;
    this.active = last < 0 ? -1 : Math.max(0, Math.min(index, last));
    if (this.active >= 0) this.source.need(this.active);
    if (scroll && this.active >= 0) this.reveal();
    this.draw();
    this.source.activated(this.source.rows()[this.active]);
  }

  /** Act on a key; true where it was one of the list's. */
  key(event: KeyboardEvent): boolean {
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.height()) - 1);
    const moves: Record<string, number> = {
      ArrowDown: this.active + 1,
      ArrowUp: this.active < 0 ? 0 : this.active - 1,
      PageDown: this.active + page,
      PageUp: this.active - page,
    };
    if (event.currentTarget === this.element) Object.assign(moves, { Home: 0, End: this.source.total() - 1 });
    const target = moves[event.key];
    if (target === undefined) return false;
    this.activate(target);
    return true;
  }

  /** Show the rows as they are now. */
  draw(): void {
    const rows = this.source.rows();
    const total = this.source.total();
    const height = this.height();
    this.sizer.style.height = `${total * height}px`;
    const [first, last] = windowOf(this.element.scrollTop, this.element.clientHeight || 400, height, total);
    if (last > rows.length) this.source.need(last - 1);
    for (const [index, element] of this.made) {
      if (index < first || index >= last) (element.remove(), this.made.delete(index));
    }
    for (let index = first; index < last; index += 1) this.place(index, rows[index], height, total);
    const { activeId } = this;
    if (activeId && this.made.has(this.active)) this.element.setAttribute("aria-activedescendant", activeId);
    else this.element.removeAttribute("aria-activedescendant");
  }

  private place(index: number, model: Model | undefined, height: number, total: number): void {
    let element = this.made.get(index);
    if (!element) {
      element = emptyRow(`${this.prefix}-row-${index}`);
      this.made.set(index, element);
      // in the order of the list, because screen readers read in the order of the page
      const next = [...this.made].filter(([other]) => other > index).sort(([a], [b]) => a - b)[0]?.[1];
      this.sizer.insertBefore(element, next ?? null);
    }
    element.style.transform = `translateY(${index * height}px)`;
    element.dataset["index"] = String(index);
    element.setAttribute("aria-setsize", String(total));
    element.setAttribute("aria-posinset", String(index + 1));
    element.classList.toggle("na-row-active", index === this.active);
    fill(element, model, model && this.source.job(model.id), !!model && this.source.chosen(model.id));
  }

  private reveal(): void {
    const height = this.height();
    const top = this.active * height;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + height > scrollTop + clientHeight) this.element.scrollTop = top + height - clientHeight;
  }

  private clicked(event: MouseEvent): void {
    const row = (event.target as Element).closest<HTMLElement>("[role=option]");
    const model = row ? this.source.rows()[Number(row.dataset["index"])] : undefined;
    if (!row || !model) return;
    this.activate(Number(row.dataset["index"]), false);
    this.source.pressed(model);
  }

  private soon(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  /** The height of a row, as the stylesheet says it; measured once the box is on the page. */
  private height(): number {
    if (!this.row) {
      const probe = emptyRow("");
      this.sizer.append(probe);
      this.row = probe.getBoundingClientRect().height;
      probe.remove();
    }
    return this.row || 52;
  }
}

function emptyRow(id: string): HTMLElement {
  const mark = h("span", { class: "na-row-mark", "aria-hidden": "true" });
  const name = h("span", { class: "na-row-name" });
  const facts = h("span", { class: "na-row-facts" });
  const size = h("span", { class: "na-row-size" });
  const state = h("span", { class: "na-chip" });
  const text = h("span", { class: "na-row-text" }, name, facts);
  const fill = h("span", { class: "na-row-bar", "aria-hidden": "true" });
  return h("div", { class: "na-row", role: "option", id }, mark, text, size, state, fill);
}

/** Write a model into a row: only what differs, for this happens four times a second. */
function fill(row: HTMLElement, model: Model | undefined, job: Job | undefined, chosen: boolean): void {
  const [, text, size, state, bar] = [...row.children] as HTMLElement[];
  const live = job && job.state !== "completed" && job.state !== "cancelled" ? job : undefined;
  row.setAttribute("aria-selected", String(chosen));
  row.dataset["id"] = model?.id ?? "";
  row.classList.toggle("na-row-empty", !model);
  row.setAttribute("aria-label", model ? spokenRow(model, live) : t.picker.loading);
  put(text?.children[0], model?.name ?? "");
  put(text?.children[1], model ? [model.category, model.license].filter(Boolean).join(" · ") : "");
  put(size, live && live.state === "running" ? numbers(live) : model?.size ? bytes(model.size) : "");
  put(state, model ? chip(model, live) : "");
  if (state) state.dataset["state"] = model?.problem ? "error" : (live?.state ?? (model?.installed ? "completed" : ""));
  if (bar) bar.style.width = live && live.state !== "error" ? `${live.progress}%` : "0";
}

/** Give the word of a model: what its job does, else whether it is here. */
export function chip(model: Model, live: Job | undefined): string {
  if (live) return live.state === "running" ? `${word(live)} ${live.progress} %` : word(live);
  if (model.problem) return t.picker.problem;
  return model.installed ? t.picker.installed : "";
}

function spokenRow(model: Model, live: Job | undefined): string {
  const said = [model.name, model.category, model.license, model.size ? bytes(model.size) : ""];
  return [...said, chip(model, live) || t.picker.notInstalled].filter(Boolean).join(", ");
}

function put(element: Element | undefined, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}
