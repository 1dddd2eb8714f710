// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";
import { announce, dropZone, h, keepKeys, onKeys } from "./dom";

const { signal } = new AbortController();

test("classes of ours stand behind points, and false leaves an attribute out", () => {
  const made = h("p.quiet.note", { hidden: true, title: false, tabindex: -1 }, "a <b>", h("i.icon"));
  expect(made.outerHTML).toBe('<p class="na-quiet na-note" hidden="" tabindex="-1">a &lt;b&gt;<i class="na-icon"></i></p>');
});

test("no key inside reaches the notebook but the one that saves it", () => {
  const reached: string[] = [];
  const notebook = h("div", {}, h("div", {}, h("input")));
  notebook.addEventListener("keydown", ({ key }) => reached.push(key));
  keepKeys(notebook.firstElementChild as HTMLElement, signal);
  for (const pressed of [{ key: "b" }, { key: "s" }, { key: "Enter", ctrlKey: true }, { key: "s", ctrlKey: true }, { key: "s", metaKey: true }]) {
    notebook.querySelector("input")?.dispatchEvent(new KeyboardEvent("keydown", { ...pressed, bubbles: true }));
  }
  expect(reached).toEqual(["s", "s"]);
});

test("a key is named with what is held beside it", () => {
  const element = h("div");
  const acts = { ArrowLeft: vi.fn(), "Shift+ArrowLeft": vi.fn(), "Control+Alt+x": vi.fn() };
  onKeys(element, acts, signal);
  const press = (init: KeyboardEventInit): boolean => element.dispatchEvent(new KeyboardEvent("keydown", { ...init, cancelable: true }));
  expect([press({ key: "ArrowLeft" }), press({ key: "ArrowLeft", shiftKey: true }), press({ key: "x", ctrlKey: true, altKey: true })]).toEqual([false, false, false]);
  expect([press({ key: "ArrowLeft", altKey: true }), press({ key: "x" })]).toEqual([true, true]);
  expect(Object.values(acts).map((act) => act.mock.calls.length)).toEqual([1, 1, 1]);
});

test("the same words are said twice when they are told twice", () => {
  const root = h("div");
  const said = ["Done.", "Done.", "Done."].map((words) => (announce(root, words), root.textContent));
  expect([new Set(said).size, root.children.length]).toEqual([2, 1]);
});

test("what is dropped is taken before the notebook can, and over is marked", () => {
  const zone = h("div");
  const dropped = vi.fn();
  dropZone(zone, dropped, signal);
  const marks = ["dragenter", "dragover", "dragleave", "dragover", "drop"].map((type) => {
    const event = Object.assign(new Event(type, { cancelable: true }), { dataTransfer: "files" });
    return [zone.dispatchEvent(event), zone.classList.contains("na-over")];
  });
  expect(marks).toEqual([[false, true], [false, true], [false, false], [false, true], [false, false]]);
  expect(dropped.mock.calls).toEqual([["files"]]);
});
