/** An error as people read it: what happened, what to do, and a link where the hint names a page. */
import { h } from "./dom";
import * as t from "./strings";
import { part } from "./view";

const PAGE = /https?:\/\/[^\s<>"']+[^\s<>"'.,;)]/;

/** Give the pieces of a hint: text, and elements that open the pages it names. */
export function linked(hint: string): (string | HTMLElement)[] {
  const found = PAGE.exec(hint);
  if (!found) return hint ? [hint] : [];
  const [address] = found;
  const link = h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, address);
  const rest = hint.slice(found.index + address.length);
  return [...(found.index ? [hint.slice(0, found.index)] : []), link, ...linked(rest)];
}

/** Make the element of an error; `grave` is false for what will go on by itself. */
export function complaint(error: unknown, grave = true): HTMLElement {
  const { message, hint } = error as { message?: string; hint?: string | null };
  const element = h("div", { class: grave ? "na-complaint" : "na-complaint na-complaint-mild" });
  element.append(part("complaint-what", message || t.progress.failed));
  if (hint) element.append(" ", part("complaint-hint", ...linked(hint)));
  return element;
}
