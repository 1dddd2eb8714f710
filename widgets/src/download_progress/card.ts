/** One job on the screen: name, word, bar, numbers, why it failed, and its buttons. */
import { h } from "../dom";
import type { Job, Member, Verb } from "../jobs";
import * as t from "../strings";
import { bar } from "../bar";
import { complaint } from "../complaint";
import { box, button, focused, part, put } from "../view";
import { numbers, sentence, verbs, word } from "./words";

/** The element of a job, and how it is brought up to date. */
export interface Card {
  readonly element: HTMLElement;
  update(job: Job): void;
}

const VERBS: Verb[] = ["resume", "pause", "retry", "cancel"];

/** Make the card of a job; without a title where its name stands above it already. */
export function card(member: Member, signal: AbortSignal, titled = true): Card {
  let job: Job;
  let said = "";
  const title = h("strong", { class: "na-job-name" });
  const state = part("chip");
  const percent = part("job-percent");
  const progress = bar(t.progress.label);
  const told = part("job-numbers");
  const trouble = box("job-trouble");

  const buttons = VERBS.map((verb) => {
    const made = button(t.progress.verbs[verb], async () => {
      if (made.ariaDisabled === "true") return;
      made.ariaDisabled = "true"; // it keeps the focus, which `disabled` would not
      try {
        await member.act(job.job_id, verb);
      } catch (error) {
        trouble.replaceChildren(complaint(error));
      }
      made.ariaDisabled = "false";
    }, signal);
    return made;
  });
  const actions = box("actions", ...buttons);
  const foot = box("job-foot", told, actions);
  const head = box("job-head", ...(titled ? [title] : []), state, percent);
  const element = h("div", { class: "na-job", role: "group", tabindex: "-1" }, head, progress.element, foot, trouble);

  /** Show the buttons of what is possible; where the pressed one goes, the focus goes to the next. */
  function show(possible: Verb[]): void {
    const active = focused(element);
    const held = active !== null && actions.contains(active);
    VERBS.forEach((verb, place) => {
      const made = buttons[place];
      if (made) made.hidden = !possible.includes(verb);
    });
    if (held && active.hidden) (buttons.find((made) => !made.hidden) ?? element).focus();
  }

  return {
    element,
    update(next) {
      job = next;
      Object.assign(element.dataset, { state: next.state, job: next.job_id });
      element.ariaLabel = next.subject;
      state.dataset["state"] = next.state;
      const unknown = next.state === "running" && !next.total_bytes;
      progress.update(unknown ? null : next.progress, next.state);
      put(title, next.subject);
      put(state, word(next));
      put(percent, unknown || next.state === "completed" ? "" : `${next.progress} %`);
      put(told, numbers(next));
      const why = sentence(next, Date.now() / 1000);
      if (said !== why) {
        const what = complaint({ message: why, hint: next.hint }, next.state === "error");
        trouble.replaceChildren(...(why ? [what] : []));
      }
      said = why;
      show(verbs(next));
    },
  };
}
