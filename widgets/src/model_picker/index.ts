/**
 * ModelPicker: find a model, install it, choose it.
 *
 *     search field --+                     +--> list (rows in view) --+--> value, path, paths
 *     category ------+--> Listing (server) |                          |
 *     installed -----+                     +--> detail (the active)   +--> plan, install, remove
 *     follower of jobs ------------------------^
 *
 * `query`, `category`, `installed_only`, `multiple` and `value` are traits in both directions; `path` and `paths`
 * are what the server says of the chosen ones.
 */
import type { AnyModel, RenderProps } from "../anywidget";
import { badge } from "../badge";
import { announce, h, onKeys } from "../dom";
import { complaint } from "../download_progress/complaint";
import { spoken } from "../download_progress/words";
import { follow, moves, type Job, type Member } from "../jobs";
import { t } from "../strings";
import { connect, type Transport } from "../transport/index";
import { choose, placeOf } from "./choice";
import { Detail } from "./detail";
import { Filters } from "./filters";
import { Listing, type Model } from "./listing";
import { ListView } from "./list_view";

const QUIET_MS = 5_000;
let views = 0;

async function render({ model, el }: RenderProps): Promise<() => void> {
  const ending = new AbortController();
  const root = h("div", { class: "na-root na-picker" });
  el.append(root);
  void open(model, root, ending.signal);
  return () => {
    ending.abort();
    root.remove();
  };
}

async function open(model: AnyModel, root: HTMLElement, signal: AbortSignal): Promise<void> {
  root.setAttribute("aria-busy", "true");
  root.replaceChildren(h("p", { class: "na-quiet" }, t.picker.loading));
  try {
    const transport = await connect(model, signal);
    if (!signal.aborted) await new Picker(model, root, transport, signal).begin();
  } catch (error) {
    if (signal.aborted) return;
    const again = h("button", { type: "button", class: "na-button" }, t.progress.verbs.retry);
    again.addEventListener("click", () => void open(model, root, signal), { signal });
    root.replaceChildren(complaint(error), again);
  } finally {
    root.removeAttribute("aria-busy");
    root.dataset["ready"] = "true";
  }
}

/** One view of the widget. */
class Picker {
  private readonly listing: Listing;
  private readonly view: ListView;
  private readonly filters: Filters;
  private readonly detail: Detail;
  private readonly member: Member;
  private readonly trouble = h("div", {});
  private readonly empty = h("p", { class: "na-quiet na-list-empty" });
  private readonly known = new Map<string, Model>(); // of the chosen ones, also where the search hides them
  private readonly said = new Map<string, string>();
  private refreshed = Date.now();

  constructor(
    private readonly model: AnyModel,
    private readonly root: HTMLElement,
    private readonly transport: Transport,
    private readonly signal: AbortSignal,
  ) {
    const prefix = `na-picker-${(views += 1)}-${Math.random().toString(36).slice(2, 8)}`;
    this.listing = new Listing(transport);
    this.member = follow(transport, String(model.get("_server")?.serverId ?? ""), {
      changed: (jobs) => this.heard(jobs),
      trouble: (error) => this.trouble.replaceChildren(...(error ? [complaint(error, false)] : [])),
    });
    this.view = new ListView(
      {
        rows: () => this.listing.rows,
        total: () => this.listing.total,
        job: (id) => this.member.ofModel(id),
        chosen: (id) => this.value().includes(id),
        need: (index) => void this.listing.need(index).then(() => this.draw(), (error: unknown) => this.failed(error)),
        activated: (row) => this.activated(row),
        pressed: (row) => this.choose(row),
      },
      prefix,
      signal,
    );
    this.filters = new Filters(model, this.listing, prefix, signal, () => void this.find());
    this.detail = new Detail({
      member: this.member,
      transport,
      signal,
      changed: () => void this.refresh(),
      left: () => this.view.element.focus(),
      say: (text) => announce(root, text),
    });
    signal.addEventListener("abort", () => this.member.leave());
  }

  async begin(): Promise<void> {
    const list = h("div", { class: "na-picker-list" }, this.view.element, this.empty);
    const body = h("div", { class: "na-picker-body" }, list, this.detail.element);
    this.root.replaceChildren(this.filters.element, this.trouble, body, this.filters.foot);
    this.filters.foot.append(badge(this.transport));
    this.keys();
    this.listen();
    await Promise.all([this.find(), this.member.look(true)]);
    this.draw();
  }

  private value(): string[] {
    return (this.model.get("value") as string[] | null) ?? [];
  }

  private keys(): void {
    const press = (): void => {
      const row = this.listing.rows[this.view.active];
      if (row) this.choose(row);
    };
    onKeys(this.filters.input, { Enter: press, Escape: () => this.filters.clear() });
    onKeys(this.view.element, { Enter: press, " ": press });
    const step = (event: KeyboardEvent): void => {
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (plain && this.view.key(event)) event.preventDefault();
      else if (plain && event.currentTarget === this.view.element && /^[\p{L}\p{N}]$/u.test(event.key)) {
        this.filters.input.focus(); // what is typed in the list is searched for: the key lands in the field
      }
      event.stopPropagation();
      this.describeActive();
    };
    this.filters.input.addEventListener("keydown", step, { signal: this.signal });
    this.view.element.addEventListener("keydown", step, { signal: this.signal });
  }

  private listen(): void {
    const wanted = (): void => void this.find();
    const chosen = (): void => void this.known_().then(() => this.draw());
    const traits = "change:query change:category change:installed_only";
    this.model.on(traits, wanted);
    this.model.on("change:value change:multiple", chosen);
    const seen = (): void => {
      if (!document.hidden && Date.now() - this.refreshed > QUIET_MS) void this.refresh();
    };
    document.addEventListener("visibilitychange", seen, { signal: this.signal });
    window.addEventListener("focus", seen, { signal: this.signal });
    this.root.addEventListener("pointerenter", seen, { signal: this.signal });
    this.root.addEventListener("focusin", seen, { signal: this.signal });
    this.signal.addEventListener("abort", () => {
      this.model.off(traits, wanted);
      this.model.off("change:value change:multiple", chosen);
    });
  }

  /** Search anew, and begin at the top. */
  private async find(): Promise<void> {
    await this.fetch(() => this.listing.find(this.filters.search()), true);
  }

  /** Ask for what is new, and stay where one is. */
  private async refresh(): Promise<void> {
    await Promise.all([this.fetch(() => this.listing.refresh(), false), this.member.look(true)]);
  }

  private async fetch(ask: () => Promise<boolean>, anew: boolean): Promise<void> {
    this.refreshed = Date.now();
    const active = this.listing.rows[this.view.active]?.id;
    try {
      if (await ask()) {
        this.trouble.replaceChildren();
        const place = this.listing.rows.findIndex((row) => row.id === active);
        if (anew) this.view.element.scrollTop = 0;
        this.view.active = place < 0 && !anew ? Math.min(this.view.active, this.listing.total - 1) : place;
        this.filters.found(this.listing);
      }
      await this.known_();
    } catch (error) {
      this.failed(error);
    }
    this.draw();
  }

  private failed(error: unknown): void {
    if (!this.signal.aborted) this.trouble.replaceChildren(complaint(error));
  }

  /** Learn of the chosen ones what the list has not shown, and tell the kernel where all of them lie. */
  private async known_(): Promise<void> {
    const value = this.value();
    for (const row of this.listing.rows) if (value.includes(row.id)) this.known.set(row.id, row);
    const missing = value.filter((id) => !this.known.has(id));
    await Promise.all(
      missing.map(async (id) => {
        const asked = new URLSearchParams({ q: id, limit: "50" });
        const reply = await this.transport.request("GET", `/api/models?${asked}`);
        const found = (reply.json() as Model[]).find((row) => row.id === id);
        if (found) this.known.set(id, found);
      }),
    );
    const paths = value.map((id) => placeOf(this.known.get(id))).filter((path) => path !== null);
    if (JSON.stringify(paths) === JSON.stringify(this.model.get("paths"))) return;
    this.save({ paths, path: paths[0] ?? null });
  }

  private choose(row: Model): void {
    this.save({ value: choose(this.value(), row.id, Boolean(this.model.get("multiple"))) });
    announce(this.root, this.value().includes(row.id) ? t.picker.chosen(row.name) : t.picker.notChosen(row.name));
  }

  private save(traits: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(traits)) this.model.set(name, value);
    try {
      this.model.save_changes();
    } catch {
      this.trouble.replaceChildren(complaint({ message: t.picker.kernelGone, hint: t.picker.kernelGoneHint }, false));
    }
  }

  private activated(row: Model | undefined): void {
    this.detail.show(row, row && this.member.ofModel(row.id));
    this.describeActive();
  }

  private describeActive(): void {
    const id = this.view.element.getAttribute("aria-activedescendant");
    if (id) this.filters.input.setAttribute("aria-activedescendant", id);
    else this.filters.input.removeAttribute("aria-activedescendant");
  }

  private heard(jobs: Job[]): void {
    for (const job of jobs.filter((job) => job.model_id)) {
      const before = this.said.get(job.job_id);
      this.said.set(job.job_id, spoken(job));
      if (before === undefined || before === spoken(job)) continue;
      announce(this.root, spoken(job));
      if (job.state === "completed") void this.refresh();
    }
    if (jobs.some((job) => !moves(job)) || this.listing.ready) this.draw();
  }

  private draw(): void {
    if (this.signal.aborted) return;
    this.view.element.setAttribute("aria-multiselectable", String(Boolean(this.model.get("multiple"))));
    this.empty.hidden = this.listing.total > 0 || !this.listing.ready;
    this.empty.textContent = this.filters.narrowed() ? t.picker.nothingFound : t.picker.noModels;
    this.view.element.hidden = this.listing.ready && this.listing.total === 0;
    this.view.draw();
    this.filters.chosen(this.value().map((id) => this.known.get(id)?.name ?? id));
    const row = this.listing.rows[this.view.active];
    this.detail.show(row, row && this.member.ofModel(row.id));
    this.describeActive();
  }
}

export default { render };
