// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AnyModel } from "./anywidget";
import { unheard } from "./unheard";

/** A model whose kernel can be taken away, as ipywidgets has it: only `send` throws then. */
function lonely(): { model: AnyModel; sent: unknown[]; tell(): void; gone(is: boolean): void } {
  const listeners = new Set<() => void>();
  const sent: unknown[] = [];
  let gone = false;
  const send = (content: unknown): void => {
    if (gone) throw new Error("Cannot send");
    sent.push(content);
  };
  const on = (_: string, listener: () => void): void => void listeners.add(listener);
  const off = (_: string, listener: () => void): void => void listeners.delete(listener);
  const model = { on, off, send } as unknown as AnyModel;
  return { model, sent, tell: () => listeners.forEach((act) => act()), gone: (is) => (gone = is) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a kernel that is gone is told of once, and stays gone", () => {
  const { model, sent, tell, gone } = lonely();
  const ending = new AbortController();
  const root = document.createElement("div");
  const place = unheard(model, root, ending.signal);
  const after = (is: boolean): string | null => {
    gone(is);
    for (let change = 0; change < 5; change++) tell();
    vi.runAllTimers();
    return place.textContent;
  };
  expect([after(false), sent.length]).toEqual(["", 1]);
  expect(after(true)).toContain("run the cell again");
  expect(root.querySelector(".na-live")?.textContent).toBe(place.textContent);
  expect(after(true)).toBe(place.textContent);
  expect(place.children).toHaveLength(1);
  expect(after(false)).toBe(place.textContent);
  ending.abort();
  tell();
  expect(vi.getTimerCount()).toBe(0);
});
