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

/** Write traits; false where the kernel could not be told. The page's own model has them all the same. */
export function write(model: AnyModel, traits: object): boolean {
  for (const [name, value] of Object.entries(traits)) model.set(name, value);
  try {
    model.save_changes();
    return true;
  } catch {
    return false;
  }
}

export interface RenderProps {
  model: AnyModel;
  el: HTMLElement;
}
