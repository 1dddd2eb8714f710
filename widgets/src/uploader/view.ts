/** What is seen of an uploader: the zone, the list, and a foot for all files together. */
import { badge } from "../badge";
import { announce, h, keepKeys } from "../dom";
import { seconds, speed } from "../format";
import * as t from "../strings";
import type { Past } from "./memory";
import { unheard } from "../unheard";
import { row, type Row } from "./row";
import type { Session } from "./session";
import type { Upload } from "./upload";
import { zone } from "./zone";

const SHOWN = 200; // lines; a folder of thousands is counted, not drawn

/** Draw a session into an element; gives what takes it away. */
export function view(session: Session, el: HTMLElement): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  const { engine, model } = session;
  const root = h("div.root.uploader");
  const rows = new Map<string, Row>();
  const notice = h("p.upload-notice", { hidden: true });
  const list = h("ul.uploads", { "aria-label": t.uploader.list });
  const more = h("p.quiet", { hidden: true });
  const sum = h("span.quiet.upload-sum");
  const way = h("span");
  const button = (text: string, act: () => void): HTMLButtonElement => {
    const made = h("button.button", { type: "button", hidden: true }, text);
    made.addEventListener("click", act);
    return made;
  };
  const pauseAll = button(t.uploader.pauseAll, () => each(({ live }) => live, (upload) => engine.pause(upload)));
  const resumeAll = button(t.uploader.resumeAll, () => each(({ state }) => state === "paused", (upload) => engine.resume(upload)));
  const clear = button(t.uploader.clear, () => ended().forEach((line) => session.remove(line)));
  const entry = zone(root, model, (picked) => session.add(picked), signal);
  const gone = unheard(model, root, signal, t.uploader.kernelGoneHint);
  root.append(gone, entry, notice, list, more, h("div.upload-foot", {}, sum, pauseAll, resumeAll, clear, way));
  keepKeys(root, signal);
  el.append(root);

  const remove = (line: Upload | Past): void => {
    session.remove(line);
    (entry.querySelector("button") as HTMLElement).focus();
  };
  const each = (which: (upload: Upload) => boolean, act: (upload: Upload) => void): void => engine.uploads.filter(which).forEach(act);
  const ended = (): (Upload | Past)[] => session.lines.filter(({ state }) => state === "done" || state === "cancelled");

  function draw(said = ""): void {
    const lines = session.lines;
    const shown = lines.slice(0, SHOWN);
    const keys = new Set<string>();
    for (const line of shown) {
      const key = `${line.id} ${line.path}`;
      keys.add(key);
      let drawn = rows.get(key);
      if (!drawn) {
        rows.set(key, (drawn = row(line, engine, remove)));
        list.append(drawn.element);
      }
      const told = drawn.update(line);
      said ||= told;
    }
    for (const [key, { element }] of rows) if (!keys.has(key)) element.remove(), rows.delete(key);
    list.hidden = !lines.length;
    more.hidden = lines.length <= SHOWN;
    more.textContent = more.hidden ? "" : t.uploader.more(lines.length - SHOWN);
    const { trouble } = engine;
    const words = session.notice || (trouble && !engine.live ? `${trouble.message} ${trouble.hint}` : "");
    notice.hidden = !words;
    notice.textContent = words;
    foot(lines);
    if (said) announce(root, said);
  }

  function foot(lines: (Upload | Past)[]): void {
    const live = engine.uploads.filter((upload) => upload.live);
    const rate = live.reduce((all, upload) => all + upload.rate.perSecond, 0);
    const left = live.reduce((all, upload) => all + upload.size - upload.moved, 0);
    const words = [t.uploader.total(lines.filter(({ state }) => state === "done").length, lines.length)];
    if (live.length > 1 && rate > 0) words.push(speed(rate), t.uploader.left(seconds(left / rate)));
    sum.textContent = lines.length ? words.filter(Boolean).join(" · ") : "";
    pauseAll.hidden = live.length < 2;
    resumeAll.hidden = engine.uploads.filter(({ state }) => state === "paused").length < 2;
    clear.hidden = !ended().length;
    if (engine.transport) way.replaceChildren(badge(engine.transport));
  }

  const unwatch = session.watch(drawSoon);
  let drawing = 0;
  let saying = "";
  function drawSoon(said: string): void {
    saying = said || saying;
    drawing ||= requestAnimationFrame(() => {
      drawing = 0;
      draw(saying);
      saying = "";
    });
  }
  draw();
  void session.ready.then(() => {
    draw();
    root.dataset["naReady"] = "1";
  });
  return () => {
    unwatch();
    cancelAnimationFrame(drawing);
    ending.abort();
    root.remove();
  };
}
