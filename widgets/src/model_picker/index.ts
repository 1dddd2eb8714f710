/**
 * ModelPicker: find a model, install it, choose it.
 *
 *     search, category, installed --> traits --> Listing (server) --> list (rows in view) --> value, path, paths
 *     follower of jobs ----------------------------------------+--> list
 *                                                              +--> detail (the active one): plan, install, remove
 *
 * `query`, `category`, `installed_only`, `multiple` and `value` are traits in both directions; `path` and `paths`
 * are what the server says of the chosen ones.
 */
import { badge } from "../badge";
import { announce, h, mark, on, onKeys } from "../dom";
import { complaint } from "../complaint";
import { type View, atEnd, box, part, put, whenSeen, widget } from "../view";
import { spoken } from "../download_progress/words";
import { follow, type Job } from "../jobs";
import * as t from "../strings";
import { choose, placeOf } from "./choice";
import { detail } from "./detail";
import { filters } from "./filters";
import { makeListing, type Model } from "./listing";
import { ACTIVE, listView } from "./list_view";

const QUIET_MS = 5_000;

async function show(view: View): Promise<void> {
  const { model, root, transport, signal, save } = view;
  const listing = makeListing(transport);
  const known = new Map<string, Model>(); // of the chosen ones, also where the search hides them
  const said = new Map<string, string>();
  let refreshed = 0;
  let active: string | undefined; // id of the described one: rows may change under a click

  const trouble = h("div");
  const empty = h("p.quiet.list-empty");
  const count = h("span.picker-count", { role: "status" });
  const names = part("picker-chosen");
  const value = (): string[] => model.get("value") as string[];
  const row = (): Model | undefined => listing.rows[list.active];
  const say = (text: string): void => announce(root, text);
  const complain = (error: unknown): void => {
    if (!signal.aborted) trouble.replaceChildren(...(error ? [complaint(error)] : []));
  };

  const member = follow(transport, `${model.get("_server")?.serverId}`, { changed: heard, trouble: complain });
  const prefix = `na-${Math.random()}`;
  const list = listView(
    {
      rows: () => listing.rows,
      total: () => listing.total,
      state: ({ id }) => ({ job: member.ofModel(id), chosen: value().includes(id) }),
      need: (index) => listing.need(index).then((more) => more && draw(), complain),
      activated: describe,
      pressed: press,
    },
    prefix,
    signal,
  );
  const controls = filters(view, prefix, listing.categories);
  const left = (): void => list.element.focus();
  const panel = detail({ member, transport, signal, changed: refresh, left, say });

  function press(first = false): void {
    const chosen = row();
    const multiple = model.get("multiple") as boolean;
    // to look at the chosen one again is not to give it up
    if (!chosen || (first && !multiple && value().includes(chosen.id))) return;
    save({ value: choose(value(), chosen.id, multiple) });
    say(value().includes(chosen.id) ? t.picker.chosen(chosen.name) : t.picker.notChosen(chosen.name));
  }

  /** Search anew, and begin at the top; the active row stays so where it is found again. */
  function find(): Promise<void> {
    list.element.scrollTop = 0;
    return load(() => listing.find(controls.search()));
  }

  /** Ask for what is new, and stay where one is. */
  function refresh(): Promise<unknown> {
    return Promise.all([load(listing.refresh), member.look("skip")]);
  }

  async function load(ask: () => Promise<boolean>): Promise<void> {
    refreshed = Date.now();
    try {
      if (await ask()) {
        complain(null);
        list.active = listing.rows.findIndex(({ id }) => id === active);
        controls.learn(listing.rows.map(({ category }) => category));
      }
      await locate();
    } catch (error) {
      complain(error);
    }
    draw();
  }

  /** Learn of the chosen ones what the list has not shown, and tell the kernel where they lie. */
  async function locate(): Promise<void> {
    const ids = value();
    for (const one of listing.rows) if (ids.includes(one.id)) known.set(one.id, one);
    const missing = ids.filter((id) => !known.has(id));
    for (const found of await Promise.all(missing.map((id) => listing.one(id)))) if (found) known.set(found.id, found);
    const paths = value().map((id) => placeOf(known.get(id))).filter(Boolean);
    if (`${paths}` !== `${model.get("paths")}`) save({ paths, path: paths[0] ?? null });
  }

  function heard(jobs: Job[]): void {
    for (const job of jobs) {
      const before = said.get(job.job_id);
      const now = spoken(job);
      said.set(job.job_id, now);
      if (!before || before === now) continue;
      say(now);
      if (job.state !== "completed") continue;
      known.delete(job.model_id as string); // it lies somewhere now
      refresh();
    }
    if (listing.ready) draw();
  }

  /** Show what the active row is about. */
  function describe(): void {
    const one = row();
    active = one?.id;
    panel.show(one, one && member.ofModel(one.id));
    mark(controls.input, ACTIVE, list.element.getAttribute(ACTIVE));
  }

  function draw(): void {
    if (signal.aborted || !listing.ready) return;
    const { query, category, installedOnly } = controls.search();
    list.element.ariaMultiSelectable = `${model.get("multiple")}`;
    list.element.hidden = !listing.total;
    empty.hidden = !!listing.total;
    put(empty, query || category || installedOnly ? t.picker.nothingFound : t.picker.noModels);
    put(count, t.picker.count(listing.total));
    const chosen = value().map((id) => known.get(id)?.name ?? id);
    put(names, chosen.length ? t.picker.chosenNames(chosen.join(", ")) : "");
    list.draw();
    describe();
  }

  onKeys(controls.input, { Enter: () => press(), Escape: controls.clear }, signal);
  onKeys(list.element, { Enter: () => press(), " ": () => press() }, signal);
  for (const target of [controls.input, list.element]) {
    on(target, "keydown", (event: KeyboardEvent) => {
      if (list.key(event)) event.preventDefault();
      // what is typed in the list is searched for: the key lands in the field
      else if (/^[\p{L}\p{N}]$/u.test(event.key) && !event.ctrlKey && !event.metaKey) controls.input.focus();
    }, signal);
  }
  view.watch("change:query change:category change:installed_only", find);
  view.watch("change:value change:multiple", () => locate().catch(complain).then(draw));
  whenSeen(root, () => Date.now() - refreshed > QUIET_MS && refresh(), signal);
  atEnd(signal, member.leave);

  const body = box("picker-body", box("picker-list", list.element, empty), panel.element);
  const foot = box("picker-foot", count, names, badge(transport));
  root.replaceChildren(view.head, controls.element, trouble, body, foot);
  await Promise.all([find(), member.look("skip")]);
  if (list.active < 0) list.active = listing.rows.findIndex(({ id }) => value().includes(id)); // as before a reload
  draw();
}

export default widget("model-picker", show);
