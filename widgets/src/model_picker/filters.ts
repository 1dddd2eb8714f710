/** The search field, the category, "installed only", and the line below that says what was found and chosen. */
import type { AnyModel } from "../anywidget";
import { h } from "../dom";
import { t } from "../strings";
import { categoriesOf, type Listing, type Search } from "./listing";

const PAUSE_MS = 200;

/** The controls above the list; what is set in them is set in the traits, and the other way round. */
export class Filters {
  readonly input: HTMLInputElement;
  readonly element: HTMLElement;
  readonly foot = h("div", { class: "na-picker-foot" });
  private readonly select: HTMLSelectElement;
  private readonly only: HTMLInputElement;
  private readonly count = h("span", { class: "na-picker-count", role: "status" });
  private readonly names = h("span", { class: "na-picker-chosen" });
  private timer: ReturnType<typeof setTimeout> | undefined;
  private categories: string[] = [];
  private complete = false;

  constructor(
    private readonly model: AnyModel,
    private readonly listing: Listing,
    prefix: string,
    private readonly signal: AbortSignal,
    private readonly changed: () => void,
  ) {
    this.input = h("input", { type: "search", class: "na-input", role: "combobox" }) as HTMLInputElement;
    const words: Record<string, string> = {
      "aria-label": t.picker.search,
      "aria-autocomplete": "list",
      "aria-expanded": "true",
      "aria-controls": `${prefix}-list`,
      autocomplete: "off",
      spellcheck: "false",
      placeholder: t.picker.searchHint,
    };
    for (const [name, value] of Object.entries(words)) this.input.setAttribute(name, value);
    this.select = h("select", { class: "na-input", "aria-label": t.picker.category }) as HTMLSelectElement;
    this.only = h("input", { type: "checkbox" }) as HTMLInputElement;
    const check = h("label", { class: "na-check" }, this.only, t.picker.installedOnly);
    this.element = h("div", { class: "na-picker-filters" }, this.input, this.select, check);
    this.foot.append(this.count, this.names);
    this.wire();
    this.read();
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  /** What is searched for now, as the traits say. */
  search(): Search {
    this.read();
    return {
      query: String(this.model.get("query") ?? ""),
      category: (this.model.get("category") as string | null) || null,
      installedOnly: Boolean(this.model.get("installed_only")),
    };
  }

  /** Whether something is left out. */
  narrowed(): boolean {
    const { query, category, installedOnly } = this.search();
    return Boolean(query.trim() || category || installedOnly);
  }

  /** Empty the search field. */
  clear(): void {
    this.input.value = "";
    this.later();
  }

  /** Say how many were found, and learn their categories. */
  found(listing: Listing): void {
    this.count.textContent = t.picker.count(listing.total);
    this.learn(categoriesOf(listing.rows));
    if (!this.narrowed() && listing.rows.length >= listing.total) this.complete = true;
  }

  /** Say what is chosen. */
  chosen(names: string[]): void {
    const text = names.length ? t.picker.chosenNames(names.join(", ")) : "";
    if (this.names.textContent !== text) this.names.textContent = text;
  }

  private wire(): void {
    const { signal } = this;
    for (const control of [this.input, this.select, this.only]) {
      control.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
    }
    this.input.addEventListener("input", () => this.later(), { signal });
    this.select.addEventListener("change", () => this.save("category", this.select.value || null), { signal });
    this.only.addEventListener("change", () => this.save("installed_only", this.only.checked), { signal });
    this.select.addEventListener("focus", () => void this.all(), { signal });
  }

  /** Search when the typing pauses. */
  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save("query", this.input.value), PAUSE_MS);
  }

  private save(name: string, value: unknown): void {
    this.model.set(name, value); // its change brings the search
    try {
      this.model.save_changes();
    } catch {
      this.changed(); // the kernel is gone: the page searches all the same
    }
  }

  /** Take over what the traits say, but never what is just being typed. */
  private read(): void {
    const query = String(this.model.get("query") ?? "");
    const root = this.input.getRootNode() as Document | ShadowRoot;
    if (root.activeElement !== this.input && this.input.value !== query) this.input.value = query;
    this.only.checked = Boolean(this.model.get("installed_only"));
    const category = String(this.model.get("category") ?? "");
    this.learn(category ? [category] : []);
    this.select.value = category;
  }

  private learn(found: string[]): void {
    const all = [...new Set([...this.categories, ...found])].sort((a, b) => a.localeCompare(b));
    if (all.length === this.categories.length && this.select.options.length) return;
    this.categories = all;
    const { value } = this.select;
    const options = all.map((name) => h("option", { value: name }, name));
    this.select.replaceChildren(h("option", { value: "" }, t.picker.allCategories), ...options);
    this.select.value = value;
  }

  /** Learn the categories of the whole catalog, once somebody looks for them. */
  private async all(): Promise<void> {
    if (this.complete) return;
    this.complete = true;
    try {
      this.learn(await this.listing.categories());
    } catch {
      this.complete = false; // those that are known are offered meanwhile
    }
  }
}
