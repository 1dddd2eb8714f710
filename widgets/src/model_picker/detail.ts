/**
 * The active model: what it is, where it lies, and what may be done with it.
 *
 *     actions  --install--> plan (sizes, free disk, reuse) --confirm--> the job's card --> actions
 *              --remove---> question ----------------------confirm--> actions
 */
import { card, type Card } from "../download_progress/card";
import { complaint } from "../download_progress/complaint";
import { h, onKeys } from "../dom";
import { bytes } from "../format";
import { ENDED, type Job, type Member } from "../jobs";
import { t } from "../strings";
import type { Transport } from "../transport/index";
import type { Model } from "./listing";
import { lacking, sentences, type Plan } from "./plan";

/** What the panel tells its owner. */
export interface Owner {
  member: Member;
  transport: Transport;
  signal: AbortSignal;
  changed(): void;
  /** The panel is closed by a key: the focus goes back to the list. */
  left(): void;
  say(text: string): void;
}

const route = (verb: string, id: string): string => `/api/models/${verb}/${encodeURIComponent(id)}`;

/** The panel below or beside the list. */
export class Detail {
  readonly element = h("div", { class: "na-detail", role: "region", "aria-label": t.picker.detail });
  private readonly facts = h("div", { class: "na-detail-facts" });
  private readonly stage = h("div", { class: "na-detail-stage" });
  private model: Model | undefined;
  private shown: { job: string; card: Card } | null = null;
  private asking: "plan" | "remove" | null = null;

  constructor(private readonly owner: Owner) {
    this.element.append(this.facts, this.stage);
    this.element.hidden = true;
    onKeys(this.element, {
      Escape: () => (this.asking ? this.rest(true) : this.owner.left()),
    });
  }

  /** Show a model and its newest job. */
  show(model: Model | undefined, job: Job | undefined): void {
    const other = model?.id !== this.model?.id;
    const news = other || JSON.stringify(model) !== JSON.stringify(this.model);
    this.model = model;
    this.element.hidden = !model;
    if (!model) return;
    if (news) this.facts.replaceChildren(...describe(model));
    if (other) this.asking = null;
    const live = job && (!ENDED.has(job.state) || (job.state === "error" && !model.installed)) ? job : undefined;
    if (live) this.follow(live);
    else if (!this.asking && (news || this.shown)) this.rest(!!this.shown && this.holdsFocus());
  }

  private holdsFocus(): boolean {
    return this.stage.contains((this.stage.getRootNode() as Document | ShadowRoot).activeElement);
  }

  private follow(job: Job): void {
    this.asking = null;
    if (this.shown?.job !== job.job_id) {
      const focused = this.holdsFocus();
      this.shown = { job: job.job_id, card: card(this.owner.member, this.owner.signal, false) };
      this.stage.replaceChildren(this.shown.card.element);
      this.shown.card.update(job);
      if (focused) this.stage.querySelector<HTMLElement>("button:not([hidden])")?.focus();
    }
    this.shown.card.update(job);
  }

  /** Show what may be begun. */
  private rest(focus = false, trouble?: HTMLElement): void {
    this.asking = null;
    this.shown = null;
    const model = this.model as Model;
    const install = this.button(t.picker.install, () => this.plan(), "na-button-primary");
    const remove = this.button(t.picker.remove, () => this.question());
    const first = model.installed ? remove : install;
    const actions = h("div", { class: "na-actions" }, first);
    if (model.problem) actions.append(remove);
    this.stage.replaceChildren(...(trouble ? [trouble] : []), actions);
    if (focus) first.focus();
  }

  private async plan(): Promise<void> {
    const model = this.model as Model;
    this.asking = "plan";
    this.stage.replaceChildren(h("p", { class: "na-quiet", role: "status" }, t.picker.planning));
    try {
      const reply = await this.owner.transport.request("GET", route("plan", model.id));
      if (this.model?.id === model.id && this.asking === "plan") this.confirm(reply.json() as Plan);
    } catch (error) {
      if (this.model?.id === model.id) this.refused(error);
    }
  }

  private confirm(plan: Plan): void {
    const said = sentences(plan).map((text) => h("li", {}, text));
    const missing = lacking(plan);
    if (missing) said.push(h("li", { class: "na-complaint" }, t.picker.planTooSmall(bytes(missing))));
    if (plan.gated) said.push(h("li", {}, t.picker.gated));
    const go = missing ? null : this.button(t.picker.start, () => this.install(false), "na-button-primary");
    this.ask(t.picker.planTitle(this.model?.name ?? ""), h("ul", { class: "na-plan" }, ...said), go);
  }

  private question(): void {
    const { name, size } = this.model as Model;
    this.asking = "remove";
    const go = this.button(t.picker.removeNow, () => this.remove(false), "na-button-danger");
    this.ask(t.picker.removeTitle(name), h("p", {}, t.picker.removeWarning(size ? bytes(size) : "")), go);
  }

  /** Put a question with its answers in place of the actions; the focus goes to the first answer. */
  private ask(title: string, body: HTMLElement, go: HTMLElement | null): void {
    const back = this.button(t.picker.back, () => this.rest(true));
    const actions = h("div", { class: "na-actions" }, ...(go ? [go] : []), back);
    const box = h("div", { class: "na-ask", role: "group", "aria-label": title });
    box.append(h("strong", {}, title), body, actions);
    this.stage.replaceChildren(box);
    (go ?? back).focus();
    this.owner.say(`${title} ${body.textContent}`);
  }

  private async install(replace: boolean): Promise<void> {
    const model = this.model as Model;
    try {
      const path = route("download", model.id) + (replace ? "?replace=true" : "");
      const reply = await this.owner.transport.request("POST", path);
      this.asking = null;
      await this.owner.member.detail((reply.json() as { job_id: string }).job_id);
      this.owner.changed();
    } catch (error) {
      const again = (error as { status?: number }).status === 409 && !replace;
      this.refused(error, again ? this.button(t.picker.replace, () => this.install(true), "na-button-danger") : null);
    }
  }

  private async remove(force: boolean): Promise<void> {
    const model = this.model as Model;
    try {
      await this.owner.transport.request("DELETE", route("download", model.id) + (force ? "?force=true" : ""));
      this.asking = null;
      this.owner.say(t.picker.removed(model.name));
      this.owner.changed();
    } catch (error) {
      const byHand = (error as { code?: string }).code === "by_hand" && !force;
      this.refused(error, byHand ? this.button(t.picker.removeAnyway, () => this.remove(true), "na-button-danger") : null);
    }
  }

  /** Say what went wrong, with what can be done about it here. */
  private refused(error: unknown, way: HTMLElement | null = null): void {
    const trouble = complaint(error);
    this.rest(true, trouble);
    if (way) this.stage.querySelector(".na-actions")?.append(way);
    way?.focus();
    this.owner.say(trouble.textContent ?? "");
  }

  private button(text: string, act: () => unknown, kind = ""): HTMLButtonElement {
    const made = h("button", { type: "button", class: `na-button ${kind}` }, text) as HTMLButtonElement;
    made.addEventListener("click", () => void act(), { signal: this.owner.signal });
    return made;
  }
}

/** Give the page of a model where it has one. */
export function pageOf(model: Model): string | null {
  const { type, url } = model.source;
  const page = model.homepage || (type === "huggingface" && /^[\w.-]+\/[\w.-]+$/.test(url) ? `https://huggingface.co/${url}` : "");
  return /^https?:\/\//.test(page) ? page : null;
}

function describe(model: Model): HTMLElement[] {
  const page = pageOf(model);
  const head = h("div", { class: "na-detail-head" }, h("strong", { class: "na-detail-name" }, model.name));
  if (page) head.append(h("a", { href: page, target: "_blank", rel: "noopener noreferrer" }, t.picker.page));
  const pairs: [string, string | undefined][] = [
    [t.picker.id, model.id],
    [t.picker.category, model.category],
    [t.picker.licence, model.license],
    [t.picker.size, model.size ? bytes(model.size) : ""],
    [t.picker.files, model.installed ? (model.files ?? []).join("\n") : ""],
  ];
  const list = h("dl", { class: "na-facts" });
  for (const [name, value] of pairs) if (value) list.append(h("dt", {}, name), h("dd", {}, value));
  const problem = model.problem ? [h("p", { class: "na-complaint" }, t.picker.problems(model.problem))] : [];
  return [head, ...(model.description ? [h("p", { class: "na-detail-what" }, model.description)] : []), list, ...problem];
}
