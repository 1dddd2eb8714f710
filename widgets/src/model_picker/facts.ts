/** What is known of a model, as a list of facts. */
import { link } from "../complaint";
import { h } from "../dom";
import { bytes } from "../format";
import * as t from "../strings";
import { placeOf } from "./choice";
import type { Model } from "./listing";
import { box } from "../view";

/** Give the page of a model where it has one. */
export function pageOf({ homepage, source: { type, url } }: Model): string | null {
  const page = homepage || (type === "huggingface" && /^[\w.-]+\/[\w.-]+$/.test(url) ? `https://huggingface.co/${url}` : "");
  return /^https?:\/\//.test(page) ? page : null;
}

/** Make the elements that describe a model. */
export function facts(model: Model): HTMLElement[] {
  const { id, name, category, license, size, description, files = [], installed, problem } = model;
  const page = pageOf(model);
  const place = placeOf(model) ?? "";
  const pairs: [string, string | number | null | undefined][] = [
    [t.picker.id, id],
    [t.picker.category, category],
    [t.picker.licence, license],
    [t.picker.size, size && bytes(size)],
    [t.picker.place, place && files.length > 1 ? t.picker.folder(place, files.length) : place],
  ];
  const head = box("detail-head", h("strong.detail-name", {}, name), ...(page ? [link(page, t.picker.page)] : []));
  const list = h("dl.facts", {}, ...pairs.flatMap(([term, fact]) => (fact ? [h("dt", {}, term), h("dd", {}, `${fact}`)] : [])));
  const about = [head, ...(description ? [h("p.detail-what", {}, description)] : []), list];
  if (model.source.gated && !installed) about.push(box("complaint.complaint-mild", t.picker.gated));
  if (problem) about.push(box("complaint", t.modelProblems[problem] ?? problem));
  return about;
}
