/** What is chosen, and where it lies: pure functions of ids and models. */
import type { Model } from "./listing";

/** Give the ids after one was chosen: toggled where several may be, else it alone; chosen again, none. */
export function choose(value: readonly string[], id: string, multiple: boolean): string[] {
  if (value.includes(id)) return value.filter((other) => other !== id);
  return multiple ? [...value, id] : [id];
}

/**
 * Give where an installed model lies, relative to the folder of models: its file, or of several the folder
 * that holds them all; null while it is not installed.
 */
export function placeOf(model: Model | undefined): string | null {
  const files = model?.installed ? (model.files ?? []) : [];
  const [first] = files;
  if (first === undefined || files.length === 1) return first ?? null;
  const parts = files.map((file) => file.split("/").slice(0, -1));
  const shared = parts.reduce((a, b) => a.slice(0, a.findIndex((part, i) => part !== b[i]) >>> 0));
  return shared.length ? shared.join("/") : first;
}
