import { expect, test } from "vitest";
import { bytes, clock, parseClock, Rate, seconds } from "./format";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [999_949, "1.0 MB"],
  [1_500_000, "1.5 MB"],
  [123_456_789, "123 MB"],
  [2e9, "2.0 GB"],
])("%i bytes", (count, text) => expect(bytes(count)).toBe(text));

test.each([
  [0, "0 s"],
  [59.2, "1 min"],
  [60, "1 min"],
  [7500, "2 h 5 min"],
  [7200, "2 h"],
])("%f seconds", (count, text) => expect(seconds(count)).toBe(text));

test.each([
  [0, "00:00:00.000"],
  [1.2345, "00:00:01.235"],
  [59.9999, "00:01:00.000"],
  [3723.5, "01:02:03.500"],
])("the clock of %f", (at, text) => expect(clock(at)).toBe(text));

test.each([
  ["1:02:03.5", 3723.5],
  ["2:03", 123],
  ["3,25", 3.25],
  [".5", 0.5],
  ["", null],
  ["abc", null],
  ["1:2:3:4", null],
  ["-1", null],
])("reads %s", (text, at) => expect(parseClock(text)).toBe(at));

test("a clock that is written can be read", () => {
  for (let at = 0; at < 20_000; at += 12.345) expect(parseClock(clock(at))).toBeCloseTo(at, 3);
});

test("a rate looks back a few seconds only", () => {
  const rate = new Rate(5_000);
  expect(rate.perSecond).toBe(0);
  expect(rate.left(10)).toBeNull();
  for (let at = 0; at <= 10_000; at += 1000) rate.add(at < 5_000 ? 0 : (at - 5_000) / 10, at);
  expect(rate.perSecond).toBeCloseTo(100);
  expect(rate.left(1500)).toBeCloseTo(10);
  rate.clear();
  expect(rate.perSecond).toBe(0);
});

test("three chunks that arrive together tell no speed yet", () => {
  const rate = new Rate();
  for (const [total, at] of [[8e6, 0], [16e6, 9], [24e6, 18]] as const) rate.add(total, at);
  expect([rate.perSecond, rate.left(100e6)]).toEqual([0, null]);
  rate.add(32e6, 1000);
  expect(rate.perSecond).toBeCloseTo(24e6);
});
