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

/** Give the word of a model: what its job does, else whether it is here. */
export function chip(model: Model, job: Job | undefined): string {
  if (job) return job.state === "running" ? `${word(job)} ${job.progress} %` : word(job);
  return model.problem ? t.picker.problem : model.installed ? t.picker.installed : "";
}

/** Make a row without a model. */
export function emptyRow(id: string): HTMLElement {
  // the blanks part the words of the name that a screen reader makes of the row
  const text = part("row-text", part("row-name"), " ", part("row-facts"));
  const end = [part("row-size"), " ", part("chip"), part("row-bar")];
  return h("div", { class: "na-row", role: "option", id }, part("row-mark"), text, " ", ...end);
}

/** Write a model into a row. */
export function fillRow(row: HTMLElement, model: Model | undefined, how: RowState | null): void {
  const [mark, , name, facts, size, state, bar] = row.querySelectorAll<HTMLElement>("span");
  if (!mark || !name || !facts || !size || !state || !bar) return;
  row.classList.toggle("na-row-empty", !model);
  row.ariaSelected = `${how?.chosen ?? false}`;
  const job = model && telling(model, how?.job);
  const kind = model ? [model.category, model.license].filter(Boolean).join(" · ") : "";
  put(name, model?.name ?? t.picker.loading);
  const moving = job?.state === "running" ? numbers(job) : "";
  put(facts, moving || kind);
  put(size, model?.size && !moving ? bytes(model.size) : "");
  put(state, model ? chip(model, job) : "");
  state.dataset["state"] = job?.state ?? (model?.problem ? "error" : model?.installed ? "completed" : "");
  row.dataset["id"] = model?.id ?? "";
  bar.style.width = job && job.state !== "error" ? `${job.progress}%` : "0";
  const said = model && [model.name, kind, moving || size.textContent, state.textContent || t.picker.notInstalled];
  row.ariaLabel = said ? said.filter(Boolean).join(", ") : t.picker.loading;
}
