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

export interface RenderProps {
  model: AnyModel;
  el: HTMLElement;
}
