/**
 * DownloadProgress: one job, the newest job of one model, or all of them.
 *
 *     follower --> cards, and what the kernel may want to know --> traits (once a second, changes of state at once)
 *
 * The truth lives on the server: whatever the traits say, a view first asks there.
 */
import { badge } from "../badge";
import { announce, h, type Timer } from "../dom";
import { ENDED, follow, moves, type Job } from "../jobs";
import * as t from "../strings";
import { card, type Card } from "./card";
import { complaint } from "../complaint";
import { fileList } from "./files";
import { type View, atEnd, box, put, whenSeen, widget } from "../view";
import { spoken, word } from "./words";

const SHOWN_ENDED = 5;
const TELL_MS = 1_000;
const DETAIL_MS = 1_000;

/** Give the jobs that a widget is about: live ones first, and of those that are over only the latest. */
export function chosen(jobs: Job[], jobId: string | null, modelId: string | null): Job[] {
  if (jobId) return jobs.filter((job) => job.job_id === jobId);
  if (modelId) return jobs.filter((job) => job.model_id === modelId).slice(0, 1);
  const live = jobs.filter((job) => !ENDED.has(job.state));
  return [...live, ...jobs.filter((job) => ENDED.has(job.state)).slice(0, SHOWN_ENDED)];
}

/** Give what the kernel is told: of one job its own words, of several that go on their mean. */
export function traits(jobs: Job[]): Record<string, unknown> {
  const live = jobs.filter((job) => !ENDED.has(job.state));
  const brief = jobs.map(({ files: _files, filesOf: _of, ...job }) => job);
  const { status = "", state = "", progress = 0, message = "" } = live[0] ?? jobs[0] ?? {};
  if (live.length < 2) return { status, state, progress, message, jobs: brief };
  const mean = Math.floor(live.reduce((sum, job) => sum + job.progress, 0) / live.length);
  return { status, state, progress: mean, message: t.progress.together(live.length), jobs: brief };
}

const moment = ({ state, bytes }: Job): string => `${state} ${bytes}`;

interface Shown {
  card: Card;
  files: ReturnType<typeof fileList>;
  said: string;
}

async function show(view: View): Promise<void> {
  const { model, root, transport, signal } = view;
  const shown = new Map<string, Shown>();
  const list = box("jobs");
  const empty = h("p.quiet", {}, t.progress.loading);
  const trouble = h("div");
  root.replaceChildren(view.head, list, empty, trouble, badge(transport));
  const tell = teller(view);
  const id = (name: string): string | null => (model.get(name) as string | null) || null;
  const complain = (error: unknown): void => trouble.replaceChildren(...(error ? [complaint(error, false)] : []));
  const member = follow(transport, `${model.get("_server")?.serverId}`, { changed: draw, trouble: complain });

  function add(job: Job): Shown {
    job.filesOf ??= moves(job) ? "" : moment(job); // what is over has come with its files as they are
    const made = { card: card(member, signal), files: fileList(), said: "" };
    made.card.element.append(made.files.element);
    shown.set(job.job_id, made);
    return made;
  }

  function draw(): void {
    const jobs = chosen(member.jobs(), id("job_id"), id("model"));
    for (const [job, { card }] of shown) {
      if (!jobs.some((one) => one.job_id === job)) (card.element.remove(), shown.delete(job));
    }
    jobs.forEach((job, place) => {
      const one = shown.get(job.job_id) ?? add(job);
      const { element } = one.card;
      if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null);
      one.card.update(job);
      one.files.update(job.files ?? []);
      if (one.said && one.said !== spoken(job)) announce(root, spoken(job));
      one.said = spoken(job);
    });
    empty.hidden = jobs.length > 0;
    const name = id("model");
    put(empty, id("job_id") ? t.progress.unknownJob : name ? t.progress.noJobOf(name) : t.progress.none);
    tell(jobs);
    details(({ state }) => ENDED.has(state)); // the last word at once
  }

  /** Ask for what is shown: a named job may be older than those that are listed, a model's may have just begun. */
  async function ask(): Promise<void> {
    const job = id("job_id");
    await (job ? member.detail(job).catch(complain) : member.look(id("model") ? undefined : "skip"));
    draw();
  }

  /** Ask for the files of what has moved, to its end: events carry none. One file's bytes are the job's. */
  function details(which: (job: Job) => boolean = () => true): void {
    for (const job of member.jobs().filter(which)) {
      if (!shown.has(job.job_id) || job.files?.length === 1 || job.filesOf === moment(job)) continue;
      job.filesOf = moment(job);
      void member.detail(job.job_id).catch(() => null);
    }
  }

  const clock = setInterval(() => details(), DETAIL_MS);
  atEnd(signal, () => {
    clearInterval(clock);
    member.leave();
  });
  view.watch("change:job_id change:model", () => void ask());
  whenSeen(root, () => member.look("wait"), signal);
  await ask();
}

/** Give a function that writes jobs into the traits, sparingly. */
function teller({ save, signal }: View): (jobs: Job[]) => void {
  let told: string | null = null;
  let timer: Timer = 0;
  let latest: Job[] = [];
  const write = (): void => {
    clearTimeout(timer);
    timer = 0;
    save(traits(latest));
  };
  atEnd(signal, () => clearTimeout(timer));
  return (jobs) => {
    latest = jobs;
    const states = jobs.map((job) => job.job_id + word(job)).join();
    if (states !== told) write();
    else if (jobs.some(moves)) timer ||= setTimeout(write, TELL_MS);
    told = states;
  };
}

export default widget("download-progress", show);
