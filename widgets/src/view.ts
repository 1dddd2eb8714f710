/**
 * What every view of a widget that looks at the server does: connect, or say why not and offer to try again;
 * write and watch traits; notice that somebody looks.
 */
import { hear, write, type AnyModel, type RenderProps } from "./anywidget";
import { h, keepKeys, on } from "./dom";
import * as t from "./strings";
import { connect, type Transport } from "./transport/index";
import { complaint } from "./complaint";
import { unheard } from "./unheard";

/** One view of one widget, from its rendering to its end. */
export interface View {
  model: AnyModel;
  root: HTMLElement;
  transport: Transport;
  signal: AbortSignal;
  /** What stands above all else that is drawn: that the kernel is gone. */
  head: HTMLElement;
  /** Write traits. Where the kernel is gone the page's own model has them all the same. */
  save(traits: object): void;
  /** Hear of changes of traits, until the view ends. */
  watch(traits: string, changed: () => void): void;
}

/** Make a div of a class of ours. */
export const box = (kind: string, ...children: (Node | string)[]): HTMLElement => h(`div.${kind}`, {}, ...children);

/** Make a span of a class of ours. */
export const part = (kind: string, ...children: (Node | string)[]): HTMLElement => h(`span.${kind}`, {}, ...children);

/** Act when a view ends. */
export const atEnd = (signal: AbortSignal, act: () => void): void => signal.addEventListener("abort", act);

/** Make a button, of another class of ours too. */
export function button(text: string, act: () => unknown, signal: AbortSignal, kind = ""): HTMLButtonElement {
  const made = h(`button.button${kind && "."}${kind}`, { type: "button" }, text) as HTMLButtonElement;
  on(made, "click", act, signal);
  return made;
}

/** Write a text, if it differs: screens and screen readers are told of nothing that stays. */
export function put(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Give the element that has the focus where `node` lives. */
export const focused = (node: Node): HTMLElement | null => (node.getRootNode() as Document).activeElement as HTMLElement | null;

/** Act when somebody who has the widget in view comes back to the page, moves the pointer or types. */
export function whenSeen(root: HTMLElement, act: () => unknown, signal: AbortSignal): void {
  const seen = (): unknown => {
    const { top, bottom } = root.getBoundingClientRect();
    return !document.hidden && top < innerHeight && bottom > 0 && act();
  };
  on(document, "visibilitychange", seen, signal);
  on(window, "focus", seen, signal);
  on(document, "pointermove keydown", seen, signal);
}

/** Make the module that anywidget loads. */
export function widget(kind: string, show: (view: View) => Promise<unknown>): { render(props: RenderProps): () => void } {
  return {
    render({ model, el }) {
      const ending = new AbortController();
      const { signal } = ending;
      const root = h(`div.root.${kind}`);
      const head = unheard(model, root, signal);
      const watch = (traits: string, changed: () => void): void => hear(model, traits, changed, signal);
      const save = (traits: object): void => write(model, traits);

      const open = async (): Promise<void> => {
        root.replaceChildren(head, h("p.quiet", {}, t.progress.loading));
        try {
          const transport = await connect(model, signal);
          if (!signal.aborted) await show({ model, root, transport, signal, head, watch, save });
        } catch (error) {
          if (signal.aborted) return;
          root.replaceChildren(head, complaint(error), button(t.jobVerbs.retry, open, signal));
        }
        root.dataset["naReady"] = "1";
      };

      keepKeys(root, signal);
      el.append(root);
      void open();
      return () => {
        ending.abort();
        root.remove();
      };
    },
  };
}
