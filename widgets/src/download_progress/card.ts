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

/** Make the card of a job. */
export function card(member: Member, signal: AbortSignal): Card {
  let job: Job;
  let said = "";
  const title = h("strong.job-name");
  const chip = part("chip");
  const percent = part("job-percent");
  const line = bar(t.progress.label);
  const told = part("job-numbers");
  const trouble = box("job-trouble");

  const buttons = VERBS.map((verb) => {
    const made = button(t.jobVerbs[verb], async () => {
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
  const head = box("job-head", title, chip, percent);
  const element = h("div.job", { role: "group", tabindex: "-1" }, head, line.element, foot, trouble);

  /** Show the buttons of what is possible; where the pressed one goes, the focus goes to the next. */
  const show = (possible: Verb[]): void => {
    const active = focused(element);
    const held = active !== null && actions.contains(active);
    buttons.forEach((made, place) => (made.hidden = !possible.includes(VERBS[place] as Verb)));
    if (held && active.hidden) (buttons.find((made) => !made.hidden) ?? element).focus();
  };

  return {
    element,
    update(next) {
      job = next;
      const { state, subject, progress, hint } = next;
      Object.assign(element.dataset, { state, job: next.job_id });
      element.ariaLabel = subject;
      chip.dataset["state"] = state;
      const unknown = state === "running" && !next.total_bytes;
      line.update(unknown ? null : progress, state);
      put(title, subject);
      put(chip, word(next));
      put(percent, unknown || state === "completed" ? "" : `${progress} %`);
      put(told, numbers(next));
      const message = sentence(next, Date.now() / 1000);
      if (said !== message) trouble.replaceChildren(...(message ? [complaint({ message, hint }, state === "error")] : []));
      said = message;
      show(verbs(next));
    },
  };
}
