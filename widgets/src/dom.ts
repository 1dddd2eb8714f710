/** The few things every widget does with the page. Text goes in as text, never as HTML. */

type Attributes = Record<string, string | number | boolean | null | undefined>;

/** Make an element; `false`, null and undefined leave an attribute out, `true` sets it empty. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/** Say something to people who listen to the page; the same words twice are said twice. */
export function announce(root: HTMLElement, text: string): void {
  let region = root.querySelector<HTMLElement>(":scope > .na-live");
  if (!region) {
    region = h("div", { class: "na-live", role: "status", "aria-live": "polite" });
    root.append(region);
  }
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}

/**
 * Act on keys. A key is named as `event.key`, with `Shift+`, `Alt+` or `Control+` before it.
 *
 * No key that is pressed inside reaches the notebook, which would take it for a command.
 */
export function onKeys(
  element: HTMLElement,
  keys: Record<string, (event: KeyboardEvent) => void>,
  signal?: AbortSignal,
): void {
  const pressed = (event: KeyboardEvent): void => {
    const modifiers = [event.ctrlKey && "Control+", event.altKey && "Alt+", event.shiftKey && "Shift+"];
    const name = modifiers.filter(Boolean).join("") + event.key;
    const act = keys[name] ?? (event.shiftKey || event.ctrlKey || event.altKey ? undefined : keys[event.key]);
    if (act) {
      event.preventDefault();
      act(event);
    }
    event.stopPropagation();
  };
  element.addEventListener("keydown", pressed, signal ? { signal } : {});
}

/** Let files be dropped; the file browser of JupyterLab would take them otherwise. */
export function dropZone(element: HTMLElement, dropped: (data: DataTransfer) => void, signal?: AbortSignal): void {
  const options = signal ? { signal } : {};
  const mark = (over: boolean) => (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    element.classList.toggle("na-over", over);
  };
  for (const name of ["dragenter", "dragover"] as const) element.addEventListener(name, mark(true), options);
  element.addEventListener("dragleave", mark(false), options);
  element.addEventListener(
    "drop",
    (event) => {
      mark(false)(event);
      if (event.dataTransfer) dropped(event.dataTransfer);
    },
    options,
  );
}
