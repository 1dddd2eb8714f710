/**
 * Says at a widget's head that no kernel hears of it any more.
 *
 * A kernel that was restarted, exchanged or shut down knows nothing of the widgets on the page, and ipywidgets
 * drops what is written for it without a word; only `send` throws. JupyterLab tells of a restart, and nobody
 * of the rest: so it is looked at after that, and after each change, when there was something to be heard.
 */
import { hear, type AnyModel } from "./anywidget";
import { complaint } from "./complaint";
import { announce } from "./dom";
import * as t from "./strings";
import { box } from "./view";

const LOOK_MS = 300;

/** Make the sentence's place; empty as long as there is a kernel. */
export function unheard(model: AnyModel, root: HTMLElement, signal: AbortSignal, hint = t.transport.kernelGoneHint): HTMLElement {
  const place = box("unheard");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    timer = undefined;
    try {
      model.send({ nodeapi: "ping" }); // is answered by nobody
      place.replaceChildren();
    } catch {
      if (place.firstChild) return;
      place.append(complaint({ message: t.transport.kernelGone, hint }, false));
      announce(root, `${place.textContent}`);
    }
  };
  const soon = (): void => void (timer ??= setTimeout(look, LOOK_MS));
  hear(model, "change comm_live_update", soon, signal);
  return place;
}
