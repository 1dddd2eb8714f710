/** An error as people read it: what happened, what to do, and a link where the hint names a page. */
import { h } from "./dom";
import * as t from "./strings";
import { box, part } from "./view";

const PAGE = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;)])/;

/** Make a link that opens a page beside this one. */
export const link = (address: string, words: string): HTMLElement =>
  h("a", { href: address, target: "_blank", rel: "noreferrer" }, words);

/** Give the pieces of a hint: text, and elements that open the pages it names. */
export const linked = (hint: string): (string | HTMLElement)[] =>
  hint.split(PAGE).map((piece, place) => (place % 2 ? link(piece, piece) : piece)).filter(Boolean);

/** Make the element of an error; `grave` is false for what will go on by itself. */
export function complaint(error: unknown, grave = true): HTMLElement {
  const { message, hint } = error as { message?: string; hint?: string | null };
  const element = box(`complaint${grave ? "" : ".complaint-mild"}`);
  element.append(part("complaint-what", message || t.progress.failed));
  if (hint) element.append(" ", part("complaint-hint", ...linked(hint)));
  return element;
}
