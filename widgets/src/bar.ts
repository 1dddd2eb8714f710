/** A progress between 0 and 100, or of unknown length. */
import { h, mark } from "./dom";
import { box } from "./view";

/** A bar and how it is brought up to date; null: nobody knows how far. */
export interface Bar {
  readonly element: HTMLElement;
  update(progress: number | null, state: string): void;
}

/** Make a bar. */
export function bar(label: string): Bar {
  const fill = box("bar-fill");
  const element = h("div.bar", { role: "progressbar", "aria-label": label }, fill);
  return {
    element,
    update(progress, state) {
      element.dataset["state"] = state;
      element.classList.toggle("na-bar-unknown", progress === null);
      mark(element, "aria-valuenow", progress);
      fill.style.width = `${progress ?? 100}%`;
    },
  };
}
