/** The search field, the category and "installed only"; what is set in them is set in the traits, and back. */
import { h, on, type Timer } from "../dom";
import { type View, atEnd, box, focused } from "../view";
import * as t from "../strings";
import type { Search } from "./listing";

const PAUSE_MS = 200;

/** The controls above the list. */
export interface Filters {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  /** What is searched for now, as the traits say. */
  search(): Search;
  /** Offer these categories too. */
  learn(categories: string[]): void;
  clear(): void;
}

/**
 * Make the controls of the listbox `list`.
 *
 * @param all - gives the categories of the whole catalog; asked once, when somebody opens the choice
 */
export function filters({ model, save, signal }: View, list: string, all: () => Promise<string[]>): Filters {
  const input = h("input.input", {
    type: "search",
    role: "combobox",
    "aria-label": t.picker.search,
    "aria-autocomplete": "list",
    "aria-expanded": "true",
    "aria-controls": list,
    autocomplete: "off",
    spellcheck: "false",
    placeholder: t.picker.searchHint,
  }) as HTMLInputElement;
  const select = h("select.input", { "aria-label": t.picker.category }) as HTMLSelectElement;
  const only = h("input", { type: "checkbox" }) as HTMLInputElement;
  const element = box("picker-filters", input, select, h("label.check", {}, only, t.picker.installedOnly));
  const known = new Set<string>();
  let asked: Promise<unknown> | null = null;
  let timer: Timer = 0;

  const set = (trait: string, value: unknown): void => save({ [trait]: value });
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      set("query", input.value);
    }, PAUSE_MS);
  };

  const learn = (found: string[]): void => {
    for (const name of found) known.add(name);
    if (select.options.length > known.size) return; // nothing new
    const { value } = select;
    const names = [...known].sort((a, b) => a.localeCompare(b));
    select.replaceChildren(h("option", { value: "" }, t.picker.allCategories), ...names.map((name) => h("option", { value: name }, name)));
    select.value = value;
  };

  const search = (): Search => {
    const query = model.get("query") as string;
    const category = (model.get("category") as string | null) || null;
    const installedOnly = model.get("installed_only") as boolean;
    if (!timer && focused(input) !== input) input.value = query; // never what is just being typed
    only.checked = installedOnly;
    learn(category ? [category] : []);
    select.value = category ?? "";
    return { query, category, installedOnly };
  };

  on(input, "input", later, signal);
  on(select, "change", () => set("category", select.value || null), signal);
  on(only, "change", () => set("installed_only", only.checked), signal);
  on(select, "focus", () => (asked ??= all().then(learn, () => (asked = null))), signal);
  atEnd(signal, () => clearTimeout(timer));
  return {
    element,
    input,
    search,
    learn,
    clear() {
      input.value = "";
      later();
    },
  };
}
