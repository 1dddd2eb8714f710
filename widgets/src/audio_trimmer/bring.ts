/**
 * A sound from the person's own disk: dropped or picked, and sent by the uploader's engine.
 *
 * So it goes on where it stood when the same file is picked again, and waits out a lost network, a server that
 * is started again and a login that has expired.
 */
import { complaint } from "../complaint";
import { announce, dropZone, h, on } from "../dom";
import { bytes } from "../format";
import * as icons from "../icons";
import * as t from "../strings";
import { connect, sessionOf } from "../transport/index";
import { Engine } from "../uploader/engine";
import { atEnd, box, button, part, put, type View } from "../view";

export interface Bring {
  /** The button that opens the picker. */
  pick: HTMLElement;
  /** How far it is, or what is wrong. */
  state: HTMLElement;
}

/** Let sounds be dropped anywhere on the widget; `came` gets the path of one that is whole. */
export function bring({ root, model, signal }: View, words: string, came: (filePath: string) => void): Bring {
  let engine: Engine | undefined;
  let said: object | null = null;
  const far = part("quiet");
  const line = h("progress", { max: 1, "aria-label": t.progress.label });
  const why = box("trim-why");
  const again = button(t.jobVerbs.retry, () => engine?.uploads.forEach((one) => engine?.resume(one)), signal);
  const stop = button(t.jobVerbs.cancel, () => engine?.uploads.forEach((one) => engine?.cancel(one)), signal);
  const state = box("trim-sending", box("trim-progress", far, line, again, stop), why);
  state.hidden = true;

  function take(file: File | undefined): void {
    if (!file) return;
    engine?.stop(); // the newer one is meant
    const target = { sessionId: sessionOf(model), nodeName: "AudioTrimmer", nodeId: model.get("_node") as string };
    const done = ({ filePath }: { filePath: string }): void => came(filePath);
    const own: Engine = new Engine(() => connect(model, signal), () => target, { changed: () => own === engine && draw(own), done });
    engine = own;
    own.add([{ file, path: file.name }]);
  }

  function draw({ uploads: [upload] }: Engine): void {
    if (!upload) return;
    const { name, moved, size, live, trouble } = upload;
    state.hidden = upload.state === "cancelled";
    put(far, t.trimmer.sending(name, bytes(moved), bytes(size)));
    line.value = moved / (size || 1);
    again.hidden = live;
    if (said === trouble) return;
    said = trouble;
    why.replaceChildren(...(trouble ? [complaint(trouble, !live)] : []));
    announce(root, why.textContent ?? "");
  }

  const input = h("input", { type: "file", accept: "audio/*,video/*", hidden: true, tabindex: -1, "aria-label": words });
  on(input, "change", () => {
    take(input.files?.[0]);
    input.value = ""; // so that the same file can be picked again
  }, signal);
  const choose = button(words, () => input.click(), signal);
  choose.prepend(icons.draw(icons.folder));
  dropZone(root, (data) => take(data.files[0]), signal);
  on(window, "online", () => engine?.wake(), signal);
  on(window, "beforeunload", (event: Event) => engine?.live && event.preventDefault(), signal);
  atEnd(signal, () => engine?.stop());
  return { pick: h("span", {}, choose, input), state };
}
