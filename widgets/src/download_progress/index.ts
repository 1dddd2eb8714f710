/**
 * DownloadProgress: one job, the newest job of one model, or all of them.
 *
 *     page: follower --> cards,  and what the kernel may want to know --> traits (once a second, changes of state at once)
 *
 * The truth lives on the server: whatever the traits say, a view first asks there.
 */
import type { AnyModel, RenderProps } from "../anywidget";
import { badge } from "../badge";
import { announce, h } from "../dom";
import { ENDED, follow, moves, type Job, type Member } from "../jobs";
import { t } from "../strings";
import { connect, type Transport } from "../transport/index";
import { card, type Card } from "./card";
import { complaint } from "./complaint";
import { spoken, word } from "./words";

const SHOWN_ENDED = 5;
const TELL_MS = 1_000;
const DETAIL_MS = 2_000;

/** Give the jobs that a widget is about: live ones first, and of those that are over only the latest. */
export function chosen(jobs: Job[], jobId: string | null, modelId: string | null): Job[] {
  if (jobId) return jobs.filter((job) => job.job_id === jobId);
  if (modelId) return jobs.filter((job) => job.model_id === modelId).slice(0, 1);
  const live = jobs.filter((job) => !ENDED.has(job.state));
  return [...live, ...jobs.filter((job) => ENDED.has(job.state)).slice(0, SHOWN_ENDED)];
}

/** Give what the kernel is told: of one job its own words, of several the sum. */
export function traits(jobs: Job[], all: boolean): Record<string, unknown> {
  const live = jobs.filter((job) => !ENDED.has(job.state));
  const [first] = live.length || all ? live : jobs;
  const brief = jobs.map(({ files, ...job }) => job);
  if (all && live.length > 1) {
    const progress = Math.floor(live.reduce((sum, job) => sum + job.progress, 0) / live.length);
    return { status: "running", state: "running", progress, message: t.progress.together(live.length), jobs: brief };
  }
  const { status = "", state = "", progress = 0, message = "" } = first ?? {};
  return { status, state, progress, message, jobs: brief };
}

async function render({ model, el }: RenderProps): Promise<() => void> {
  const ending = new AbortController();
  const root = h("div", { class: "na-root na-progress" });
  el.append(root);
  void open(model, root, ending.signal);
  return () => {
    ending.abort();
    root.remove();
  };
}

async function open(model: AnyModel, root: HTMLElement, signal: AbortSignal): Promise<void> {
  root.setAttribute("aria-busy", "true");
  try {
    const transport = await connect(model, signal);
    if (!signal.aborted) await show(model, root, transport, signal);
  } catch (error) {
    if (signal.aborted) return;
    const again = h("button", { type: "button", class: "na-button" }, t.progress.verbs.retry);
    again.addEventListener("click", () => (root.replaceChildren(), void open(model, root, signal)), { signal });
    root.replaceChildren(complaint(error), again);
  } finally {
    root.removeAttribute("aria-busy");
    root.dataset["ready"] = "true";
  }
}

async function show(model: AnyModel, root: HTMLElement, transport: Transport, signal: AbortSignal): Promise<void> {
  const cards = new Map<string, Card>();
  const said = new Map<string, string>();
  const list = h("div", { class: "na-jobs" });
  const empty = h("p", { class: "na-quiet" }, t.progress.loading);
  const trouble = h("div", {});
  root.replaceChildren(list, empty, trouble, badge(transport));

  const member = follow(transport, String(model.get("_server")?.serverId ?? ""), {
    changed: () => draw(),
    trouble: (error) => trouble.replaceChildren(...(error ? [complaint(error, false)] : [])),
  });
  const teller = tell(model, signal);

  function draw(): void {
    const jobId = (model.get("job_id") as string | null) || null;
    const modelId = (model.get("model_id") as string | null) || null;
    const jobs = chosen(member.jobs(), jobId, modelId);
    for (const [id, made] of cards) if (!jobs.some((job) => job.job_id === id)) (made.element.remove(), cards.delete(id));
    jobs.forEach((job, place) => {
      let made = cards.get(job.job_id);
      if (!made) cards.set(job.job_id, (made = card(member, signal)));
      if (list.children[place] !== made.element) list.insertBefore(made.element, list.children[place] ?? null);
      made.update(job);
      if (said.get(job.job_id) !== spoken(job)) {
        if (said.has(job.job_id)) announce(root, spoken(job));
        said.set(job.job_id, spoken(job));
      }
    });
    empty.hidden = jobs.length > 0;
    empty.textContent = jobId ? t.progress.unknownJob : modelId ? t.progress.noJobOf(modelId) : t.progress.none;
    teller(jobs, !jobId && !modelId);
  }

  const named = (): Promise<unknown> => {
    const id = model.get("job_id") as string | null;
    return id ? member.detail(id).catch((error: unknown) => trouble.replaceChildren(complaint(error, false))) : member.look(true);
  };
  const renamed = (): void => void named().then(draw);
  model.on("change:job_id change:model_id", renamed);
  const details = setInterval(() => void detail(member, cards), DETAIL_MS);
  const seen = (): void => void (document.hidden || member.look(true));
  document.addEventListener("visibilitychange", seen, { signal });
  window.addEventListener("focus", seen, { signal });
  root.addEventListener("pointerenter", seen, { signal });
  signal.addEventListener("abort", () => {
    clearInterval(details);
    model.off("change:job_id change:model_id", renamed);
    member.leave();
  });
  await Promise.all([named(), member.look(true)]);
  draw();
}

/** Ask for the files of what moves and is unfolded: events carry none. */
async function detail(member: Member, cards: Map<string, Card>): Promise<void> {
  const wanted = member.jobs().filter((job) => {
    const open = cards.get(job.job_id)?.element.querySelector<HTMLDetailsElement>("details")?.open;
    return moves(job) && (open || job.files === undefined);
  });
  await Promise.allSettled(wanted.map((job) => member.detail(job.job_id)));
}

/** Give a function that writes jobs into the traits, sparingly. */
function tell(model: AnyModel, signal: AbortSignal): (jobs: Job[], all: boolean) => void {
  let told = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest: () => void = () => undefined;
  signal.addEventListener("abort", () => clearTimeout(timer));
  return (jobs, all) => {
    latest = () => {
      timer = undefined;
      for (const [name, value] of Object.entries(traits(jobs, all))) model.set(name, value);
      try {
        model.save_changes();
      } catch {
        // the kernel is gone; the page shows the job all the same
      }
    };
    const states = jobs.map((job) => job.job_id + word(job)).join();
    if (states !== told) {
      told = states;
      clearTimeout(timer);
      latest();
    } else timer ??= setTimeout(() => latest(), TELL_MS);
  };
}

export default { render };
