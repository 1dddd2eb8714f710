import { expect, test } from "vitest";
import { choose, placeOf } from "./choice";
import type { Model } from "./listing";

test.each([
  [[], "a", false, ["a"]],
  [["a"], "b", false, ["b"]],
  [["a"], "a", false, []],
  [["a"], "b", true, ["a", "b"]],
  [["a", "b"], "a", true, ["b"]],
])("of %o, %s pressed (several: %s) leaves %o", (value, id, multiple, expected) =>
  expect(choose(value, id, multiple)).toEqual(expected),
);

test.each([
  [["A/x.pth"], "A/x.pth"],
  [["A/m/x.pth", "A/m/y.pth"], "A/m"],
  [["A/m/s/x.pth", "A/m/y.pth"], "A/m"],
  [["A/m/x.pth", "A/m/x.pth"], "A/m"],
  [["a/x", "b/y"], "a/x"],
  [[], null],
])("a model of %o lies at %s", (files, place) => expect(placeOf({ installed: true, files } as unknown as Model)).toBe(place));

test("a model that is not installed lies nowhere", () => {
  expect(placeOf({ installed: false, files: ["A/x.pth"] } as unknown as Model)).toBeNull();
  expect(placeOf(undefined)).toBeNull();
});
