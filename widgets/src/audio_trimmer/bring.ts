/** A sound from the person's own disk: dropped or picked, and sent as every upload is. */
import { dropZone, h, on } from "../dom";
import { button, type View } from "../view";
import { bytes } from "../format";
import * as icons from "../icons";
import * as t from "../strings";
import { complaint } from "../complaint";
import { send } from "./send";

export interface Bring {
  /** The button that opens the picker. */
  pick: HTMLElement;
  /** How far it is, or what is wrong. */
  state: HTMLElement;
}

/** Let sounds be dropped anywhere on the widget; `came` gets the path of one that is whole. */
export function bring({ root, transport, model, signal }: View, words: string, came: (filePath: string) => void): Bring {
  const state = h("div.quiet", { role: "status", hidden: true });
  const target = { sessionId: "notebook", nodeName: "AudioTrimmer", nodeId: model.get("_node") as string };
  let sending: AbortController | undefined;
  async function take(files: FileList | null): Promise<void> {
    const file = files?.[0];
    if (!file) return;
    sending?.abort(); // the newer one is meant
    const { signal: own } = (sending = new AbortController());
    const both = AbortSignal.any([signal, own]);
    const draw = (sent: number): void => state.replaceChildren(t.trimmer.sending(file.name, bytes(sent), bytes(file.size)));
    state.hidden = false;
    draw(0);
    try {
      came(await send(transport, file, target, draw, both));
    } catch (error) {
      if (!both.aborted) state.replaceChildren(complaint(error));
    }
  }
  const input = h("input", { type: "file", accept: "audio/*,video/*", hidden: true, tabindex: -1, "aria-label": words });
  on(input, "change", () => void take(input.files).then(() => (input.value = "")), signal);
  const choose = button(words, () => input.click(), signal);
  choose.prepend(icons.draw(icons.folder));
  dropZone(root, (data) => void take(data.files), signal);
  return { pick: h("span", {}, choose, input), state };
}
