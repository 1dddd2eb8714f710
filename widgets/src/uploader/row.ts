/** One line of the list: a name, a bar, how far, and what can be done. */
import { bar } from "../bar";
import { h } from "../dom";
import { bytes, seconds, speed } from "../format";
import * as icons from "../icons";
import * as t from "../strings";
import type { Engine } from "./engine";
import type { Past } from "./memory";
import type { Upload } from "./upload";

export interface Row {
  readonly element: HTMLElement;
  /** Draw it anew; gives what has become a trouble, to be said. */
  update(line: Upload | Past): string;
}

const ICONS = { pause: icons.pause, resume: icons.play, retry: icons.retry, cancel: icons.cancel, remove: icons.cancel };

const isUpload = (line: Upload | Past): line is Upload => "file" in line;

/** Make a line of the list. */
export function row(first: Upload | Past, engine: Engine, remove: (line: Upload | Past) => void): Row {
  let line = first;
  const { name, path } = first;
  const progress = bar(name);
  const words = h("span.upload-words.quiet");
  const trouble = h("p.upload-trouble", { hidden: true });
  const buttons = h("span.upload-acts");
  const element = h(
    "li.upload",
    {},
    h("span.upload-name", { title: path }, icons.draw(icons.file), path),
    buttons,
    progress.element,
    words,
    trouble,
  );

  function act(kind: keyof typeof ICONS): HTMLButtonElement {
    const label = t.uploadActs[kind](name);
    const made = h("button.button.button-icon", { type: "button", "aria-label": label, title: label }, icons.draw(ICONS[kind]));
    made.dataset["act"] = kind;
    made.addEventListener("click", () => {
      if (kind === "remove" || !isUpload(line)) remove(line);
      else void engine[kind === "retry" ? "resume" : kind](line);
    });
    return made;
  }

  function actsOf(state: string): Parameters<typeof act>[0][] {
    if (state === "queued" || state === "sending" || state === "waiting") return ["pause", "cancel"];
    if (state === "paused") return ["resume", "cancel"];
    if (state === "failed" && isUpload(line)) return ["retry", "remove"];
    return ["remove"];
  }

  let drawn = "";
  return {
    element,
    update(now) {
      line = now;
      const { state, size } = now;
      const sent = movedOf(now);
      element.dataset["state"] = state;
      progress.update(state === "done" ? 100 : size ? Math.floor((sent / size) * 100) : 0, state);
      progress.element.hidden = state === "cancelled";
      words.textContent = wordsOf(now);
      const why = troubleOf(now);
      const said = why && why !== trouble.textContent ? `${name}: ${why}` : "";
      trouble.hidden = !why;
      trouble.textContent = why;
      if (drawn === state) return said;
      drawn = state;
      const held = buttons.contains((buttons.getRootNode() as Document).activeElement);
      buttons.replaceChildren(...actsOf(state).map(act));
      if (held) (buttons.firstElementChild as HTMLElement).focus();
      return said;
    },
  };
}

const movedOf = (line: Upload | Past): number => (isUpload(line) ? line.moved : line.sent);

function wordsOf(line: Upload | Past): string {
  const { state, size } = line;
  const words = [t.uploadStates[state]];
  if (state === "done" || state === "cancelled") return [...words, bytes(size)].join(" · ");
  words.push(t.uploader.of(bytes(movedOf(line)), bytes(size)));
  if (isUpload(line) && state === "sending" && line.rate.perSecond > 0) {
    words.push(speed(line.rate.perSecond), t.uploader.left(seconds(line.rate.left(size) ?? 0)));
  }
  return words.join(" · ");
}

function troubleOf(line: Upload | Past): string {
  if (line.state === "interrupted") return t.uploader.again(line.name, line.sent);
  if (!isUpload(line)) return line.message;
  return line.trouble ? [line.trouble.message, line.trouble.hint].filter(Boolean).join(" ") : "";
}
