/** The few things every widget does with the page. Text goes in as text, never as HTML. */

type Attributes = Record<string, string | number | boolean | null | undefined>;

/** What calls a timer off; 0 while none runs. */
export type Timer = ReturnType<typeof setTimeout> | 0;

/** Set an attribute; `false`, null and undefined take it away, `true` sets it empty. */
export function mark(element: Element, name: string, value: Attributes[string]): void {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : `${value}`);
}

/** Make an element; classes of ours stand behind points: `p.quiet` is `<p class="na-quiet">`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  kind: K | `${K}.${string}`,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const [tag, ...classes] = kind.split(".");
  const element = document.createElement(tag as K);
  element.classList.add(...classes.map((name) => `na-${name}`));
  for (const name in attributes) mark(element, name, attributes[name]);
  element.append(...children);
  return element;
}

/** Listen until the signal, to one type of event or several. */
export function on(target: EventTarget, types: string, act: (event: never) => unknown, signal: AbortSignal): void {
  for (const type of types.split(" ")) target.addEventListener(type, act as EventListener, { signal });
}

/** Say something to people who listen to the page; the same words twice are said twice. */
export function announce(root: HTMLElement, text: string): void {
  const region =
    root.querySelector(":scope > .na-live") ?? root.appendChild(h("div.live", { role: "status", "aria-live": "polite" }));
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}

/** Act on keys. A key is named as `event.key`, with `Shift+`, `Alt+` or `Control+` before it. */
export function onKeys(element: HTMLElement, keys: Record<string, (event: KeyboardEvent) => void>, signal: AbortSignal): void {
  const pressed = (event: KeyboardEvent): void => {
    const { ctrlKey, altKey, shiftKey, key } = event;
    const act = keys[(ctrlKey ? "Control+" : "") + (altKey ? "Alt+" : "") + (shiftKey ? "Shift+" : "") + key];
    if (act) {
      event.preventDefault();
      act(event);
    }
  };
  on(element, "keydown", pressed, signal);
}

/** Let no key that is pressed inside reach the notebook, which would take it for a command; but what saves it. */
export function keepKeys(root: HTMLElement, signal: AbortSignal): void {
  on(root, "keydown", (event: KeyboardEvent) => ((event.ctrlKey || event.metaKey) && event.key === "s") || event.stopPropagation(), signal);
}

/** Let files be dropped; the file browser of JupyterLab would take them otherwise. */
export function dropZone(element: HTMLElement, dropped: (data: DataTransfer) => void, signal: AbortSignal): void {
  const over = (event: DragEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    element.classList.toggle("na-over", event.type === "dragenter" || event.type === "dragover");
    if (event.type === "drop" && event.dataTransfer) dropped(event.dataTransfer);
  };
  on(element, "dragenter dragover dragleave drop", over, signal);
}
