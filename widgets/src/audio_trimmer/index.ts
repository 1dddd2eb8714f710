/**
 * AudioTrimmer: see a sound, choose a part to the sample, hear exactly what will be saved, save it.
 *
 *     file_path --> info --> stage (peaks) --> region --> play   preview or an awaited trim
 *                                                   \--> save   a job, whose id is a trait: a reload finds it
 *
 * Traits are the state; each view draws them, so several views of one model agree.
 */
import { hear } from "../anywidget";
import { badge } from "../badge";
import { announce, h, on, type Timer } from "../dom";
import { complaint } from "../complaint";
import { atEnd, box, button, focused, part, widget, type View } from "../view";
import { clock } from "../format";
import * as icons from "../icons";
import * as t from "../strings";
import { ApiError } from "../transport/index";
import type { InfoReply, TrimReply } from "../wire";
import { bring } from "./bring";
import { begin, finish, listen, told, type Order } from "./cut";
import { choice, span, timeField, type TimeField } from "./fields";
import { Peaks, type Tile } from "./peaks";
import { Player } from "./player";
import { moved, regionOf, sampleAt, secondsOf, type Edge, type Region, type Sound } from "./region";
import { result } from "./result";
import { stage } from "./stage";

const TELL_MS = 150;

const query = (values: Record<string, string | number>): string => String(new URLSearchParams(values as Record<string, string>));

async function show(view: View): Promise<void> {
  const { root, model, save } = view;
  let one: AbortController | undefined;
  async function open(): Promise<void> {
    one?.abort();
    const inner = (one = new AbortController());
    const { signal } = inner;
    on(view.signal, "abort", () => inner.abort(), signal);
    const watch = (traits: string, changed: () => void): void => hear(model, traits, changed, signal);
    const here: View = { ...view, signal, watch };
    const file = model.get("file_path") as string;
    const came = (filePath: string): void => save({ file_path: filePath, start: 0, end: null, value: "", result: {}, _job: "", _brought: Date.now() });
    const brought = bring(here, file ? t.trimmer.other : t.trimmer.choose, came);
    const top = box("trim-top");
    const body = box("trim-body");
    root.replaceChildren(view.head, top, brought.state, body);
    const tail = [badge(view.transport), brought.pick];
    if (!file) return top.append(part("trim-facts", t.trimmer.drop), ...tail);
    top.append(part("trim-name", file.slice(file.lastIndexOf("/") + 1)));
    try {
      const info = await told<InfoReply>(view.transport, `/api/audio/info?${query({ filePath: file })}`, signal);
      const words = [info.format, t.trimmer.rate(info.sampleRate), t.trimmer.channels(info.channels)];
      const sound = await measured(view, file, info);
      top.append(part("trim-facts", [...words, clock(sound.frames / sound.rate)].join(" · ")), ...tail);
      body.replaceWith(...editor(here, file, sound));
    } catch (error) {
      if (signal.aborted) return;
      body.replaceChildren(complaint(error));
      top.append(part("trim-facts"), ...tail);
    }
  }
  view.watch("change:file_path change:_brought", open);
  await open();
}

/** How many samples there are; where no header tells, the picture does. */
async function measured({ transport, signal }: View, file: string, { frames, duration, sampleRate }: InfoReply): Promise<Sound> {
  let all = frames ?? (duration === null ? 0 : Math.round(duration * sampleRate));
  if (!all) {
    const tile = await told<Tile>(transport, `/api/audio/peaks?${query({ filePath: file, bins: 1 })}`, signal);
    all = Math.round(tile.end * sampleRate);
  }
  if (!all) throw new ApiError(t.trimmer.unknownLength, {});
  return { rate: sampleRate, frames: all };
}

/** Make what is below the head line. */
function editor(view: View, file: string, sound: Sound): HTMLElement[] {
  const { root, model, transport, signal, save } = view;
  const trouble = box("trim-trouble");
  const outcome = box("trim-outcome");
  const fail = (error: unknown): void => {
    if (!signal.aborted) trouble.replaceChildren(complaint(error));
  };

  let region: Region = regionOf(model.get("start"), model.get("end"), sound);
  let telling: Timer = 0;
  const tell = (): void => {
    clearTimeout(telling);
    telling = 0;
    save({ start: secondsOf(region.first, sound), end: secondsOf(region.last, sound) });
  };
  function move(next: Region, whole: boolean): void {
    region = next;
    if (whole) tell();
    else telling ||= setTimeout(tell, TELL_MS);
    draw();
  }

  const ask = (start: number, end: number, bins: number): Promise<Tile> =>
    told(transport, `/api/audio/peaks?${query({ filePath: file, start, end, bins })}`, signal);
  const peaks = new Peaks(secondsOf(sound.frames, sound), sound.rate, ask, (error) => (error ? fail(error) : draw()), signal);

  const order = (): Order => {
    const normalize = model.get("loudness") as string | number | null;
    return {
      filePath: file,
      start: secondsOf(region.first, sound),
      end: secondsOf(region.last, sound),
      ...(model.get("format") !== "same" && { format: model.get("format") as NonNullable<Order["format"]> }),
      ...(model.get("fade_in") > 0 && { fadeIn: model.get("fade_in") as number }),
      ...(model.get("fade_out") > 0 && { fadeOut: model.get("fade_out") as number }),
      ...(normalize && { normalize: normalize === "peak" ? normalize : { lufs: Number(normalize) } }),
    };
  };

  const player = new Player((key) => listen(transport, JSON.parse(key) as Order, signal), heads, signal);
  on(player.element, "error", () => player.forget(), signal);
  async function play(): Promise<void> {
    trouble.replaceChildren();
    if (!player.playing) announce(root, t.trimmer.preparing);
    try {
      await player.toggle(JSON.stringify(order()));
    } catch (error) {
      if ((error as Error).name !== "AbortError") fail(error);
    }
  }

  const scene = stage(sound, peaks, { region: () => region, move, play: () => void play() }, signal);
  /** A field for one end, in seconds after a sample; the sound's own end may be typed as it is shown, to the millisecond. */
  const field = (text: string, edge: Edge, origin: () => number): TimeField =>
    timeField(text, (at) => {
      const sample = origin() + sampleAt(at, sound);
      const next = moved(region, edge, sample, sound);
      const beyond = sample - next[edge];
      if (beyond < 0 || beyond > (edge === "last" ? sound.rate / 1000 : 0)) return t.trimmer.outside;
      move(next, true);
      return "";
    }, signal);
  const start = field(t.trimmer.first, "first", () => 0);
  const end = field(t.trimmer.last, "last", () => 0);
  const length = field(t.trimmer.length, "last", () => region.first);

  const tool = (icon: string, label: string, act: () => void): HTMLButtonElement => {
    const made = button("", act, signal, "button-icon");
    made.ariaLabel = made.title = label;
    made.append(icons.draw(icon));
    return made;
  };
  const playing = button("", () => void play(), signal, "trim-play");
  const loop = tool(icons.loop, t.trimmer.loop, () => {
    player.element.loop = !player.element.loop;
    loop.ariaPressed = `${player.element.loop}`;
  });
  loop.ariaPressed = "false";
  const sparse = part("trim-sparse.quiet", t.trimmer.sparse);
  const tools = h(
    "div.trim-tools",
    { role: "group", "aria-label": t.trimmer.view },
    playing,
    loop,
    tool(icons.zoomIn, t.trimmer.zoomIn, () => scene.zoom(2)),
    tool(icons.zoomOut, t.trimmer.zoomOut, () => scene.zoom(0.5)),
    button(t.trimmer.fit, () => scene.fit(true), signal),
    button(t.trimmer.fitRegion, () => scene.fit(false), signal),
    sparse,
  );

  function heads(): void {
    const word = player.playing ? t.trimmer.pause : t.trimmer.play;
    if (playing.title !== word) {
      playing.title = word;
      playing.replaceChildren(icons.draw(player.playing ? icons.pause : icons.play), word);
    }
    const at = player.at;
    scene.head(player.playing || at > 0 ? secondsOf(region.first, sound) + at : null);
  }
  function draw(): void {
    scene.draw();
    start.show(secondsOf(region.first, sound));
    end.show(secondsOf(region.last, sound));
    length.show(secondsOf(region.last - region.first, sound));
    sparse.hidden = peaks.exact;
  }

  const saving = button(t.trimmer.save, () => void cut(), signal, "button-primary.trim-push");
  saving.prepend(icons.draw(icons.scissors));
  async function cut(): Promise<void> {
    trouble.replaceChildren();
    if (root.querySelector<HTMLInputElement>(".na-time:invalid")?.reportValidity() === false) return;
    saving.disabled = true;
    try {
      save({ _job: await begin(transport, order()) });
    } catch (error) {
      saving.disabled = false;
      fail(error);
    }
  }

  /** Follow the job of the trait; every view does, the result is the same. */
  let followed = "";
  async function follow(): Promise<void> {
    const job = model.get("_job") as string;
    if (job === followed) return;
    followed = job;
    if (!job) return;
    const bar = h("progress", { max: 100, "aria-label": t.trimmer.saving });
    const stop = button(t.trimmer.cancel, () => transport.request("POST", `/api/downloads/${job}/cancel`).catch(fail), signal);
    outcome.replaceChildren(box("trim-progress", part("quiet", t.trimmer.saving), bar, stop));
    saving.disabled = true;
    try {
      const made = await finish(transport, job, (percent) => (bar.value = percent), signal);
      outcome.replaceChildren();
      if (made) {
        save({ result: made, value: made.filePath });
        announce(root, t.trimmer.saved(clock(made.duration)));
      } else announce(root, t.trimmer.cancelled);
    } catch (error) {
      outcome.replaceChildren();
      fail(error);
    }
    if (!signal.aborted && model.get("_job") === job) {
      followed = "";
      save({ _job: "" });
    }
    saving.disabled = false;
  }
  async function outcomes(): Promise<void> {
    const made = model.get("result") as TrimReply;
    if (!made.filePath) return outcome.replaceChildren();
    try {
      outcome.replaceChildren(await result(transport, made, signal));
    } catch (error) {
      fail(error);
    }
  }

  const set = (name: string) => (value: unknown) => save({ [name]: value });
  const shape = box("trim-row");
  /** Show how it is saved, as the traits say; not under the hand that is just changing it. */
  const shaped = (): unknown => shape.contains(focused(shape)) || shape.replaceChildren(
    choice(t.trimmer.format, t.trimmer.formats, model.get("format"), set("format"), signal),
    span(t.trimmer.fadeIn, model.get("fade_in"), set("fade_in"), signal),
    span(t.trimmer.fadeOut, model.get("fade_out"), set("fade_out"), signal),
    choice(t.trimmer.loudness, t.trimmer.loudnesses, String(model.get("loudness") ?? ""), (value) => set("loudness")(value || null), signal),
    saving,
  );

  view.watch("change:start change:end", () => {
    if (telling) return; // an echo of what was told before: what a hand is just doing is newer
    const next = regionOf(model.get("start"), model.get("end"), sound);
    if (next.first === region.first && next.last === region.last) return;
    region = next;
    draw();
  });
  view.watch("change:format change:fade_in change:fade_out change:loudness", shaped);
  view.watch("change:_job", follow);
  view.watch("change:result", outcomes);
  atEnd(signal, () => clearTimeout(telling));
  if (model.get("end") === null) move(region, true);
  heads();
  draw();
  shaped();
  void outcomes();
  void follow();
  const times = box("trim-row", start.element, end.element, length.element);
  return [scene.element, tools, times, shape, trouble, outcome];
}

export default widget("audio-trimmer", show);
