import { expect, test } from "vitest";
import { cut, FRAME_BYTES, join } from "./frames";

test("nothing is one empty frame", () => {
  expect(cut(new ArrayBuffer(0)).map(({ byteLength }) => byteLength)).toEqual([0]);
});

test.each([1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES + 7])("%i bytes come together again", async (size) => {
  const data = Uint8Array.from({ length: size }, (_, index) => (index * 31) % 251);
  const frames = cut(data.buffer);
  expect(Math.max(...frames.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(FRAME_BYTES);
  expect(Buffer.compare(Buffer.from(await join(frames)), Buffer.from(data))).toBe(0);
});

test("a view joins only what it shows", async () => {
  const view = new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2);
  expect([...new Uint8Array(await join([view, Uint8Array.of(9).buffer]))]).toEqual([2, 3, 9]);
});
