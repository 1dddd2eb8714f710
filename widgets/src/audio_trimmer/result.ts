/** What was saved: a player, a link, and the truth about how it was made. */
import { h } from "../dom";
import { atEnd, box, part } from "../view";
import { bytes, clock } from "../format";
import * as icons from "../icons";
import * as t from "../strings";
import type { Transport } from "../transport/index";
import type { TrimReply } from "../wire";
import { pathOf } from "./cut";

/** Make the element of a result; its bytes are fetched where the page has no address for them. */
export async function result(transport: Transport, made: TrimReply, signal: AbortSignal): Promise<HTMLElement> {
  const path = pathOf(made.filePath);
  const name = made.filePath.slice(made.filePath.lastIndexOf("/") + 1);
  let address = transport.url(path);
  if (!address) {
    const blob = URL.createObjectURL(new Blob([(await transport.request("GET", path, { signal })).bytes()]));
    atEnd(signal, () => URL.revokeObjectURL(blob));
    address = blob;
  }
  const truths = [
    clock(made.duration),
    `${clock(made.start)} – ${clock(made.end)}`, // the region may have moved since
    made.format,
    t.trimmer.rate(made.sampleRate),
    bytes(made.size),
    t.trimmer.methods(made.method),
    made.exact ? t.trimmer.exact : t.trimmer.inexact,
    made.lossless ? t.trimmer.lossless : t.trimmer.lossy,
    ...(made.clamped ? [t.trimmer.clamped] : []),
  ];
  return box(
    "result",
    box("result-name", icons.draw(icons.done), part("result-file", name)),
    h("audio", { controls: true, preload: "metadata", src: address, "aria-label": t.trimmer.listen(name) }),
    h("a.button", { href: address, download: name }, icons.draw(icons.download), t.trimmer.download),
    h("ul.truths.quiet", { "aria-label": t.trimmer.truths }, ...truths.map((truth) => h("li", {}, truth))),
  );
}
