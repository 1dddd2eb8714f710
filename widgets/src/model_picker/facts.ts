/** What is known of a model, as a list of facts. */
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
  const page = pageOf(model);
  const link = page ? [h("a", { href: page, target: "_blank", rel: "noopener noreferrer" }, t.picker.page)] : [];
  const head = box("detail-head", h("strong", { class: "na-detail-name" }, model.name), ...link);
  const { files = [] } = model;
  const place = placeOf(model);
  const pairs: [string, string | undefined | false][] = [
    [t.picker.id, model.id],
    [t.picker.category, model.category],
    [t.picker.licence, model.license],
    [t.picker.size, !!model.size && bytes(model.size)],
    [t.picker.place, place && files.length > 1 ? t.picker.folder(place, files.length) : (place ?? "")],
  ];
  const list = h("dl", { class: "na-facts" });
  for (const [name, value] of pairs) if (value) list.append(h("dt", {}, name), h("dd", {}, value));
  const about = [head, ...(model.description ? [h("p", { class: "na-detail-what" }, model.description)] : []), list];
  if (model.source.gated && !model.installed) about.push(box("complaint na-complaint-mild", t.picker.gated));
  if (model.problem) about.push(box("complaint", t.picker.problems(model.problem)));
  return about;
}
