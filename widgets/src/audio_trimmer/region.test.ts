import { expect, test } from "vitest";
import { moved, regionOf, sampleAt, secondsOf, steps } from "./region";

const sound = { rate: 44100, frames: 441000 };

test("every sample's time is the same sample again, through JSON too", () => {
  for (const rate of [8000, 11025, 22050, 44100, 48000, 96000]) {
    for (let n = 0; n < 3000; n++) {
      const sample = n * 104729;
      expect(sampleAt(JSON.parse(JSON.stringify(secondsOf(sample, { rate, frames: 1 }))), { rate, frames: 1 })).toBe(sample);
    }
  }
});

test.each([
  [0, null, [0, 441000]],
  [1, 2, [44100, 88200]],
  [-5, 99, [0, 441000]],
  [3, 3, [132300, 132301]],
  [5, 2, [220500, 220501]],
  [99, null, [440999, 441000]],
])("from %d to %d is %j", (start, end, [first, last]) => {
  expect(regionOf(start, end, sound)).toEqual({ first, last });
});

test("an end stops a sample before the other, and at the sound's own ends", () => {
  const region = { first: 100, last: 200 };
  expect(moved(region, "first", 500, sound)).toEqual({ first: 199, last: 200 });
  expect(moved(region, "last", 0, sound)).toEqual({ first: 100, last: 101 });
  expect(moved(region, "first", -9, sound)).toEqual({ first: 0, last: 200 });
  expect(moved(region, "last", 1e12, sound)).toEqual({ first: 100, last: 441000 });
});

test("arrows are 10 ms, with Shift 100 ms, with Alt one sample", () => {
  const keys = steps(sound);
  expect([keys["ArrowRight"], keys["Shift+ArrowLeft"], keys["Alt+ArrowUp"]]).toEqual([441, -4410, 1]);
});
