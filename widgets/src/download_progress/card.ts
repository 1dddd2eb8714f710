/** One job on the screen: name, word, bar, numbers, why it failed, its files, and its buttons. */
import { h } from "../dom";
import { bytes } from "../format";
import type { Job, JobFile, Member, Verb } from "../jobs";
import { t } from "../strings";
import { complaint } from "./complaint";
import { numbers, sentence, verbs, word } from "./words";

/** The element of a job, and how it is brought up to date. */
export interface Card {
  readonly element: HTMLElement;
  update(job: Job): void;
}

const VERBS: Verb[] = ["resume", "pause", "retry", "cancel"];

/** Make the bar of a progress between 0 and 100, or of an unknown one (null). */
export function bar(label: string): { element: HTMLElement; update(progress: number | null, state: string): void } {
  const fill = h("div", { class: "na-bar-fill" });
  const element = h("div", { class: "na-bar", role: "progressbar", "aria-label": label, "aria-valuemin": "0" }, fill);
  element.setAttribute("aria-valuemax", "100");
  return {
    element,
    update(progress, state) {
      element.dataset["state"] = state;
      element.classList.toggle("na-bar-unknown", progress === null);
      if (progress === null) element.removeAttribute("aria-valuenow");
      else element.setAttribute("aria-valuenow", String(progress));
      fill.style.width = `${progress ?? 100}%`;
    },
  };
}

/** Make the card of a job; `titled` is false where the name stands above it already. */
export function card(member: Member, signal: AbortSignal, titled = true): Card {
  let job: Job | undefined;
  const title = h("strong", { class: "na-job-name" });
  const state = h("span", { class: "na-chip" });
  const progress = bar(t.progress.label);
  const percent = h("span", { class: "na-job-percent" });
  const told = h("span", { class: "na-job-numbers" });
  const trouble = h("div", { class: "na-job-trouble" });
  const files = fileList();
  const actions = h("div", { class: "na-actions" });
  const element = h("div", { class: "na-job", role: "group", tabindex: "-1" });
  const head = h("div", { class: "na-job-head" }, ...(titled ? [title] : []), state, percent);
  element.append(head, progress.element, h("div", { class: "na-job-foot" }, told, actions), trouble, files.element);

  const buttons = new Map(VERBS.map((verb) => [verb, button(verb)] as const));
  actions.append(...buttons.values());

  function button(verb: Verb): HTMLButtonElement {
    const made = h("button", { type: "button", class: "na-button" }, t.progress.verbs[verb]) as HTMLButtonElement;
    made.addEventListener("click", () => void act(verb, made), { signal });
    return made;
  }

  async function act(verb: Verb, pressed: HTMLButtonElement): Promise<void> {
    if (!job || pressed.getAttribute("aria-disabled") === "true") return;
    pressed.setAttribute("aria-disabled", "true"); // it keeps the focus, which `disabled` would not
    try {
      await member.act(job.job_id, verb);
    } catch (error) {
      trouble.replaceChildren(complaint(error));
    } finally {
      pressed.removeAttribute("aria-disabled");
    }
  }

  function show(possible: Verb[]): void {
    const focused = actions.contains(document.activeElement) || actions.contains(rootOf(actions).activeElement);
    for (const [verb, made] of buttons) made.hidden = !possible.includes(verb);
    const active = rootOf(actions).activeElement as HTMLElement | null;
    if (focused && (active?.hidden ?? true)) (possible[0] ? buttons.get(possible[0]) : element)?.focus();
  }

  return {
    element,
    update(next) {
      job = next;
      element.dataset["state"] = next.state;
      element.dataset["job"] = next.job_id;
      element.setAttribute("aria-label", next.subject);
      title.textContent = next.subject;
      state.textContent = word(next);
      const unknown = next.state === "running" && !next.total_bytes && next.stage !== "verifying";
      progress.update(unknown ? null : next.progress, next.state);
      percent.textContent = unknown || next.state === "completed" ? "" : `${next.progress} %`;
      told.textContent = numbers(next);
      const said = sentence(next, Date.now() / 1000);
      if (trouble.dataset["said"] !== `${said}${next.hint}`) {
        trouble.dataset["said"] = `${said}${next.hint}`;
        trouble.replaceChildren(...(said ? [complaint({ message: said, hint: next.hint }, next.state === "error")] : []));
      }
      files.update(next.state === "completed" ? [] : (next.files ?? []));
      show(verbs(next));
    },
  };
}

const rootOf = (node: Node): Document | ShadowRoot => node.getRootNode() as Document | ShadowRoot;

/** The files of a job of several, each with its bytes; folded until somebody wants to know. */
function fileList(): { element: HTMLElement; update(files: JobFile[]): void } {
  const summary = h("summary", {});
  const list = h("ul", { class: "na-files" });
  const element = h("details", { class: "na-job-files" }, summary, list);
  const rows = new Map<string, { bar: ReturnType<typeof bar>; told: HTMLElement }>();
  return {
    element,
    update(files) {
      element.hidden = files.length < 2;
      if (element.hidden) return;
      summary.textContent = t.progress.files(files.filter((file) => file.state === "completed").length, files.length);
      for (const file of files) {
        let row = rows.get(file.path);
        if (!row) {
          row = { bar: bar(file.path), told: h("span", { class: "na-file-bytes" }) };
          rows.set(file.path, row);
          list.append(h("li", {}, h("span", { class: "na-file-name" }, file.path), row.told, row.bar.element));
        }
        const total = file.total_bytes;
        row.told.textContent = total ? t.progress.of(bytes(file.bytes), bytes(total)) : bytes(file.bytes);
        row.bar.update(total ? Math.floor((file.bytes * 100) / total) : 0, file.state);
      }
    },
  };
}
