/** Where files come in: dropped, pasted, or picked with a button. */
import type { AnyModel } from "../anywidget";
import { dropZone, h } from "../dom";
import * as icons from "../icons";
import * as t from "../strings";
import { fromDrop, fromList, type Picked } from "./picking";

/** Make the zone; `picked` gets every file, however it came. */
export function zone(root: HTMLElement, model: AnyModel, picked: (files: Picked[]) => void, signal: AbortSignal): HTMLElement {
  const input = h("input", { type: "file", hidden: true, tabindex: -1 });
  input.addEventListener("change", () => {
    picked(fromList(input.files ?? []));
    input.value = ""; // so that the same file can be picked again
  });
  const take = (folder: boolean): void => {
    input.accept = folder ? "" : model.get("accept");
    input.multiple = model.get("multiple");
    input.toggleAttribute("webkitdirectory", folder);
  };
  const pick = (folder: boolean) => () => {
    take(folder);
    input.click();
  };
  take(false);
  const button = (text: string, folder: boolean): HTMLButtonElement => {
    const made = h(`button.button${folder ? "" : ".button-primary"}`, { type: "button" }, icons.draw(folder ? icons.folder : icons.upload), text);
    made.addEventListener("click", pick(folder));
    return made;
  };
  const element = h(
    "div.zone",
    {},
    h("span.quiet", {}, t.uploader.drop),
    button(t.uploader.choose, false),
    ...(model.get("directory") ? [button(t.uploader.chooseFolder, true)] : []),
    input,
  );
  dropZone(root, (data) => void fromDrop(data).then(picked), signal);
  root.addEventListener(
    "paste",
    (event) => {
      const files = event.clipboardData?.files;
      if (!files?.length) return;
      event.preventDefault();
      event.stopPropagation();
      picked(fromList(files));
    },
    { signal },
  );
  return element;
}
