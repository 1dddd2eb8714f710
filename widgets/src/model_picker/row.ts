/** One model in the list: what it is called, what it is, and how it is. */
import { h } from "../dom";
import { part, put } from "../view";
import { numbers, word } from "../download_progress/words";
import { bytes } from "../format";
import { ENDED, type Job } from "../jobs";
import * as t from "../strings";
import type { Model } from "./listing";

/** What a row shows beside the model itself. */
export interface RowState {
  job: Job | undefined;
  chosen: boolean;
}

/** Give the job that still says something about a model: one that goes on, or failed and left nothing. */
export function telling(model: Model, job: Job | undefined): Job | undefined {
  return job && (!ENDED.has(job.state) || (job.state === "error" && !model.installed)) ? job : undefined;
}

/** Give the word of a model, and the state that colours it: what its job does, else whether it is here. */
function chip({ problem, installed }: Partial<Model>, job: Job | undefined): [string, string] {
  if (job) return [job.state === "running" ? `${word(job)} ${job.progress} %` : word(job), job.state];
  if (problem) return [t.picker.problem, "error"];
  return installed ? [t.picker.installed, "completed"] : ["", ""];
}

type Span = HTMLElement;
type Spans = [mark: Span, text: Span, name: Span, facts: Span, size: Span, chip: Span, bar: Span];

/** Make a row without a model. */
export function emptyRow(id: string): HTMLElement {
  // the blanks part the words of the name that a screen reader makes of the row
  const text = part("row-text", part("row-name"), " ", part("row-facts"));
  const end = [part("row-size"), " ", part("chip"), part("row-bar")];
  return h("div.row", { role: "option", id }, part("row-mark"), text, " ", ...end);
}

/** Write a model into a row. */
export function fillRow(row: HTMLElement, model: Model | undefined, how: RowState | null): void {
  const [, , called, facts, size, state, bar] = row.querySelectorAll("span") as unknown as Spans;
  const { id = "", name, category, license, size: total }: Partial<Model> = model ?? {};
  const title = name ?? t.picker.loading;
  const job = model && telling(model, how?.job);
  const moving = job?.state === "running" ? numbers(job) : "";
  const kind = moving || [category, license].filter(Boolean).join(" · ");
  const takes = total && !moving ? bytes(total) : "";
  const [words, colour] = chip(model ?? {}, job);
  put(called, title);
  put(facts, kind);
  put(size, takes);
  put(state, words);
  state.dataset["state"] = colour;
  row.dataset["id"] = id;
  row.classList.toggle("na-row-empty", !model);
  bar.style.width = job && job.state !== "error" ? `${job.progress}%` : "0";
  row.ariaSelected = `${!!how?.chosen}`;
  row.ariaLabel = model ? [title, kind, takes, words || t.picker.notInstalled].filter(Boolean).join(", ") : title;
}
