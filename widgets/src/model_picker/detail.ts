/**
 * The active model: what it is, where it lies, and what may be done with it.
 *
 *     actions  --install--> plan (sizes, free disk, reuse) --confirm--> the job's card --> actions
 *              --remove---> question ----------------------confirm--> actions
 */
import { h, onKeys } from "../dom";
import { card, type Card } from "../download_progress/card";
import { complaint } from "../complaint";
import { box, button, focused } from "../view";
import { bytes } from "../format";
import type { Job, Member } from "../jobs";
import * as t from "../strings";
import type { Transport } from "../transport/index";
import type { PlanReply, StartReply } from "../wire";
import { facts } from "./facts";
import type { Model } from "./listing";
import { lacking, sentences } from "./plan";
import { telling } from "./row";

/** What the panel asks of its owner. */
export interface Owner {
  member: Member;
  transport: Transport;
  signal: AbortSignal;
  /** Something was installed or removed. */
  changed(): unknown;
  /** The panel was left by a key: the focus goes back to the list. */
  left(): unknown;
  say(text: string): void;
}

/** The panel below or beside the list. */
export interface Detail {
  readonly element: HTMLElement;
  show(model: Model | undefined, job: Job | undefined): void;
}

/** Make the panel; hidden until a model is shown. */
export function detail({ member, transport, signal, changed, left, say }: Owner): Detail {
  const about = box("detail-facts");
  const stage = box("detail-stage");
  const element = h("div.detail", { role: "region", "aria-label": t.picker.detail }, about, stage);
  let model: Model;
  let told = ""; // of the model, to see whether it is another
  let asking = false;
  let shown: Card;
  let shownJob = ""; // empty while no card is shown
  element.hidden = true;
  onKeys(element, { Escape: () => (asking ? rest() : left()) }, signal);

  const make = (text: string, act: () => unknown, kind = ""): HTMLElement => button(text, act, signal, kind);
  const ask = (method: string, verb: string, query = "") =>
    transport.request(method, `/api/models/${verb}/${encodeURIComponent(model.id)}${query}`);

  /** Put something in the place of the actions; the focus goes to its first button where it was here before. */
  const put = (held: boolean, ...parts: Node[]): void => {
    stage.replaceChildren(...parts);
    if (held) stage.querySelector<HTMLElement>("button:not([hidden])")?.focus();
  };

  const actions = (...buttons: Node[]): HTMLElement => box("actions", ...buttons);

  /** Show what may be begun, and what went wrong with a way out of it. */
  const rest = (held = true, trouble: Node[] = [], ...ways: Node[]): void => {
    asking = false;
    shownJob = "";
    const some = model.installed || model.problem;
    const install = model.installed ? [] : [make(t.picker.install, plan, "button-primary")];
    const remove = some ? [make(t.picker.remove, question)] : [];
    put(held, ...trouble, actions(...ways, ...install, ...remove));
  };

  const refused = (error: unknown, ...ways: Node[]): void => {
    const trouble = complaint(error);
    say(trouble.textContent ?? "");
    rest(true, [trouble], ...ways);
  };

  /** Put a question and its answers. */
  const confirm = (title: string, body: HTMLElement, ...answers: Node[]): void => {
    asking = true;
    const back = make(t.picker.back, () => rest());
    const box = h("div.ask", { role: "group", "aria-label": title });
    box.append(h("strong", {}, title), body, actions(...answers, back));
    put(true, box);
    say(`${title} ${[...body.childNodes].map((line) => line.textContent).join(". ")}`);
  };

  const plan = async (): Promise<void> => {
    const { id, name } = model;
    asking = true;
    put(false, h("p.quiet", {}, t.picker.planning));
    try {
      const found = (await ask("GET", "plan")).json() as PlanReply;
      if (model.id !== id || !asking) return;
      const missing = lacking(found);
      const said = sentences(found).map((text) => h("li", {}, text));
      if (missing) said.push(h("li.complaint", {}, t.picker.planTooSmall(bytes(missing))));
      const go = missing ? [] : [make(t.picker.start, () => install(), "button-primary")];
      confirm(t.picker.planTitle(name), h("ul.plan", {}, ...said), ...go);
    } catch (error) {
      if (model.id === id) refused(error);
    }
  };

  const install = async (query = ""): Promise<void> => {
    try {
      const { job_id } = (await ask("POST", "download", query)).json() as StartReply;
      asking = false;
      await member.detail(job_id);
      changed();
    } catch (error) {
      refused(error);
    }
  };

  const question = (): void => {
    const go = make(t.picker.removeNow, () => remove(), "button-danger");
    const what = t.picker.removeWarning(model.size ? bytes(model.size) : "");
    confirm(t.picker.removeTitle(model.name), h("p", {}, what), go);
  };

  const remove = async (query = ""): Promise<void> => {
    try {
      await ask("DELETE", "download", query);
      asking = false;
      say(t.picker.removed(model.name));
      changed();
      left();
    } catch (error) {
      const byHand = (error as { code?: string }).code === "by_hand" && !query;
      refused(error, ...(byHand ? [make(t.picker.removeAnyway, () => remove("?force=true"), "button-danger")] : []));
    }
  };

  const follow = (job: Job): void => {
    asking = false;
    if (shownJob !== job.job_id + job.code) {
      const held = stage.contains(focused(stage)) || stage.querySelector(".na-ask") !== null;
      shown = card(member, signal);
      shownJob = job.job_id + job.code;
      shown.update(job);
      const replace = make(t.picker.replace, () => install("?replace=true"), "button-danger");
      put(held, shown.element, ...(job.code === "exists" ? [actions(replace)] : []));
    }
    shown.update(job);
  };

  return {
    element,
    show(next, job) {
      element.hidden = !next;
      if (!next) return;
      const other = (model as Model | undefined)?.id !== next.id;
      const news = told !== (told = JSON.stringify(next));
      model = next;
      if (news) about.replaceChildren(...facts(next));
      if (other) asking = false;
      const live = telling(next, job);
      if (live) follow(live);
      else if (!asking && (news || shownJob)) rest(stage.contains(focused(stage)));
    },
  };
}
