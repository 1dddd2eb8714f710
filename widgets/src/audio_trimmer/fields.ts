/** What can be typed and picked beside the waveform. */
import { h, on, onKeys } from "../dom";
import { clock, parseClock } from "../format";
import * as t from "../strings";
import { focused } from "../view";

/** Put a label around a control. */
const labelled = (text: string, control: HTMLElement): HTMLElement => h("label.labelled", {}, h("span.quiet", {}, text), control);

export interface TimeField {
  element: HTMLElement;
  show(seconds: number): void;
}

/**
 * A time as `HH:MM:SS.mmm`; what is no time is marked and told, and left as it was typed.
 *
 * @param typed takes a time, or says what is wrong with it
 */
export function timeField(text: string, typed: (seconds: number) => string, signal: AbortSignal): TimeField {
  const input = h("input.input.time", { type: "text", inputmode: "decimal", spellcheck: "false", autocomplete: "off" });
  let known = "";
  const judge = (wrong: string): void => {
    input.ariaInvalid = `${!!wrong}`;
    input.title = wrong;
    input.setCustomValidity(wrong);
  };
  const take = (): void => {
    if (input.value === known) return;
    const seconds = parseClock(input.value);
    judge(seconds === null ? t.trimmer.noTime : typed(seconds));
    input.reportValidity();
  };
  on(input, "change", take, signal);
  onKeys(input, { Enter: take, Escape: () => (input.value = known) }, signal);
  return {
    element: labelled(text, input),
    show(seconds) {
      known = clock(seconds);
      if (focused(input) === input && input.value !== known && input.ariaInvalid === "true") return;
      input.value = known;
      judge("");
    },
  };
}

/** A choice of named values. */
export function choice(text: string, values: readonly (readonly [string, string])[], now: string, chosen: (value: string) => void, signal: AbortSignal): HTMLElement {
  const known = values.some(([value]) => value === now) ? values : [...values, [now, now] as const];
  const select = h("select.input", {}, ...known.map(([value, words]) => h("option", { value, selected: value === now }, words)));
  on(select, "change", () => chosen(select.value), signal);
  return labelled(text, select);
}

/** A span of seconds. */
export function span(text: string, now: number, chosen: (seconds: number) => void, signal: AbortSignal): HTMLElement {
  const input = h("input.input.span", { type: "number", min: 0, max: 3600, step: 0.1, value: now });
  on(input, "change", () => chosen(Math.max(0, Math.min(3600, input.valueAsNumber || 0))), signal);
  return labelled(text, input);
}
