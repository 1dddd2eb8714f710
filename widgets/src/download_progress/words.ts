/** A job in words: its state, its numbers, what may be done about it. */
import { bytes, seconds, speed } from "../format";
import { ENDED, type Job, type Verb } from "../jobs";
import * as t from "../strings";

/** Give one word for how a job is: while it runs, what it is doing. */
export function word(job: Job): string {
  const stages = t.progress.stages as Record<string, string>;
  if (job.state === "running" && job.stage) return stages[job.stage] ?? job.stage;
  return t.progress.states[job.state];
}

/** Give the numbers of a job that moves: how much of how much, how fast, how much longer. */
export function numbers(job: Job): string {
  if (job.state === "completed") return job.total_bytes ? bytes(job.total_bytes) : "";
  if (!job.total_bytes && !job.bytes) return "";
  const said = [job.total_bytes ? t.progress.of(bytes(job.bytes), bytes(job.total_bytes)) : bytes(job.bytes)];
  if (job.state === "running" && job.speed_bps > 0) said.push(speed(job.speed_bps));
  if (job.state === "running" && job.eta_s !== null) said.push(t.progress.left(seconds(job.eta_s)));
  return said.join(" · ");
}

/** Give what there is to say beyond the word and the numbers: why it waits or failed. */
export function sentence(job: Job, now: number): string {
  if (job.state === "waiting_retry" && job.retry_at !== null) {
    return t.progress.again(job.message, seconds(Math.max(0, Math.ceil(job.retry_at - now))));
  }
  if (job.state === "error" || job.state === "waiting_retry" || (job.state === "paused" && job.code)) return job.message;
  return "";
}

/** Give what people may do about a job, the likeliest first. */
export function verbs(job: Job): Verb[] {
  if (job.state === "paused") return ["resume", "cancel"];
  if (job.state === "waiting_retry") return ["retry", "pause", "cancel"];
  if (job.state === "error") return ["retry"];
  return ENDED.has(job.state) ? [] : ["pause", "cancel"];
}

/** Give what a screen reader is told: the state and every tenth of the way, not each percent. */
export function spoken(job: Job): string {
  const tenth = job.state === "running" && job.stage === "downloading" ? ` ${Math.floor(job.progress / 10) * 10} %` : "";
  return `${job.subject}: ${word(job)}${tenth}`;
}
