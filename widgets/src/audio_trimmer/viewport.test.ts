import { expect, test } from "vitest";
import { around, following, ruled, scrolled, zoomed } from "./viewport";

test("what is under the pointer stays there while zooming", () => {
  const view = zoomed({ from: 0, to: 100 }, 4, 30, 100, 0.01);
  expect(view.to - view.from).toBeCloseTo(25);
  expect((30 - view.from) / 25).toBeCloseTo(0.3);
});

test("nothing beyond the sound is shown, nor less than the least", () => {
  expect(zoomed({ from: 10, to: 20 }, 0.001, 15, 100, 1)).toEqual({ from: 0, to: 100 });
  const near = zoomed({ from: 10, to: 20 }, 1e9, 15, 100, 1);
  expect(near.to - near.from).toBeCloseTo(1);
  expect(scrolled({ from: 90, to: 100 }, 50, 100)).toEqual({ from: 90, to: 100 });
  expect(around(0, 1, 100, 0.1).from).toBe(0);
});

test("a page is turned only when the place has left it", () => {
  const view = { from: 0, to: 10 };
  expect(following(view, 9, 100)).toBe(view);
  expect(following(view, 11, 100)).toEqual({ from: 11, to: 21 });
});

test.each([[10, 5, 2], [3600, 8, 600], [0.05, 5, 0.01]])("a ruler of %d s with room for %d has marks every %d s", (span, room, step) => {
  expect(ruled(span, room)).toBe(step);
});
