/** A job in words: its state, its numbers, what may be done about it. */
import { bytes, seconds, speed } from "../format";
import { ENDED, type Job, type Verb } from "../jobs";
import * as t from "../strings";

/** Give one word for how a job is: while it runs, what it is doing. */
export function word(job: Job): string {
  if (job.state === "running" && job.stage) return t.jobStages[job.stage] ?? job.stage;
  return t.jobStates[job.state];
}

/** Give the numbers of a job that moves: how much of how much, how fast, how much longer. */
export function numbers({ state, bytes: done, total_bytes: total, speed_bps: rate, eta_s: left }: Job): string {
  if (state === "completed") return total ? bytes(total) : "";
  if (!total && !done) return "";
  const said = [total ? t.progress.of(bytes(done), bytes(total)) : bytes(done)];
  if (state === "running" && rate > 0) said.push(speed(rate));
  if (state === "running" && left !== null) said.push(t.progress.left(seconds(left)));
  return said.join(" · ");
}

/** Give what there is to say beyond the word and the numbers: why it waits or failed. */
export function sentence({ state, retry_at, message, code }: Job, now: number): string {
  const waits = state === "waiting_retry";
  if (waits && retry_at !== null) return t.progress.again(message, seconds(retry_at - now));
  return waits || state === "error" || (state === "paused" && code) ? message : "";
}

/** Give what people may do about a job, the likeliest first. */
export function verbs({ state }: Job): Verb[] {
  if (state === "paused") return ["resume", "cancel"];
  if (state === "waiting_retry") return ["retry", "pause", "cancel"];
  if (state === "error") return ["retry"];
  return ENDED.has(state) ? [] : ["pause", "cancel"];
}

/** Give what a screen reader is told: the state and every tenth of the way, not each percent. */
export function spoken(job: Job): string {
  const { state, stage, progress, subject } = job;
  const tenth = state === "running" && stage === "downloading" ? ` ${progress - (progress % 10)} %` : "";
  return `${subject}: ${word(job)}${tenth}`;
}
