/**
 * Says at a widget's head that its kernel is gone, or is busy while everything goes through it.
 *
 * A kernel that was restarted, exchanged or shut down knows nothing of the widgets on the page, and ipywidgets
 * drops what is written for it without a word; only `send` throws. JupyterLab tells of a restart, and nobody
 * of the rest: so it is looked at after that, and after each change, when there was something to be heard.
 */
import { hear, type AnyModel } from "./anywidget";
import { complaint } from "./complaint";
import { announce, type Timer } from "./dom";
import * as t from "./strings";
import { hearBusy } from "./transport/comm";
import { box } from "./view";

const LOOK_MS = 300;

/** Make the sentence's place; empty as long as there is a kernel. */
export function unheard(model: AnyModel, root: HTMLElement, signal: AbortSignal, hint = t.transport.kernelGoneHint): HTMLElement {
  const place = box("unheard");
  let timer: Timer = 0;
  let said = "";
  const say = (message: string, what: string): void => {
    if (said === message || said === t.transport.kernelGone) return; // from there is no way back
    said = message;
    place.replaceChildren(...(message ? [complaint({ message, hint: what }, false)] : []));
    announce(root, `${place.textContent}`);
  };
  const look = (): void => {
    timer = 0;
    try {
      model.send({ nodeapi: "ping" }); // is answered by nobody
    } catch {
      say(t.transport.kernelGone, hint);
    }
  };
  hear(model, "change comm_live_update", () => (timer ||= setTimeout(look, LOOK_MS)), signal);
  hearBusy((whose, is) => whose === model && say(is ? t.transport.kernelBusy : "", t.transport.kernelBusyHint), signal);
  return place;
}
