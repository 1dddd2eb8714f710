/** What this project uses of anywidget: the model of a widget, and what `render` is given. */

/** The page's half of a widget's state. */
export interface AnyModel {
  get(name: string): any;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: (...told: any[]) => void): void;
  off(event: string, listener: (...told: any[]) => void): void;
  send(content: unknown, callbacks?: unknown, buffers?: (ArrayBuffer | ArrayBufferView)[]): void;
}

/** Write traits. Where the kernel is gone the page's own model has them all the same. */
export function write(model: AnyModel, traits: object): void {
  for (const [name, value] of Object.entries(traits)) model.set(name, value);
  model.save_changes();
}

/** Hear of events of a model until the signal, of one or of several with blanks between. */
export function hear(model: AnyModel, events: string, act: (...told: any[]) => void, signal: AbortSignal): void {
  model.on(events, act);
  signal.addEventListener("abort", () => model.off(events, act));
}

export interface RenderProps {
  model: AnyModel;
  el: HTMLElement;
}
