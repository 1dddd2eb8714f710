import { expect, test } from "vitest";
import { bytes } from "../format";
import type { PlanReply } from "../wire";
import { lacking, sentences } from "./plan";

const file = (action: string, size: number | null = 100, verified_by: string | null = "sha256", unsafe = false) => ({
  path: "x",
  size,
  verified_by,
  action,
  unsafe,
});
const plan = (more: Partial<PlanReply> = {}): PlanReply => ({
  id: "m",
  installed: false,
  gated: false,
  license: "MIT",
  revision: null,
  files: [file("fetch")],
  total_bytes: 100,
  download_bytes: 100,
  free_bytes: 5_000,
  enough_space: true,
  ...more,
});

test("a plan says what moves, what is free and what the licence is", () => {
  const said = sentences(plan());
  expect(said[0]).toContain(bytes(100));
  expect(said.join()).toContain(bytes(5_000));
  expect(said.join()).toContain("MIT");
});
test("a size that nobody knows is said to be unknown", () =>
  expect(sentences(plan({ download_bytes: null, total_bytes: null }))[0]).toContain("unknown"));
test("what is here from an earlier try is not fetched again, and the plan says so", () =>
  expect(sentences(plan({ download_bytes: 40 }))[0]).toContain(bytes(40)));
test("what the machine has already is reused", () => {
  const said = sentences(plan({ files: [file("fetch"), file("reuse", 900)], total_bytes: 1_000 })).join();
  expect(said).toContain(bytes(900));
  expect(said).not.toContain("earlier try");
});
test("files that nothing can verify are named as such", () =>
  expect(sentences(plan({ files: [file("fetch", null, null)] })).join()).toContain("checksum"));
test("what the Hub's scanners warn of is said before anything moves", () =>
  expect(sentences(plan({ files: [file("fetch", 1, "sha256", true)] })).join()).toContain("unsafe"));
test.each([
  [true, 100, 5_000, 0],
  [null, 100, 50, 0],
  [false, 100, 40, 60],
  [false, 100, 120, 1],
])("enough space %s for %i of %i free: %i lack", (enough_space, download_bytes, free_bytes, expected) =>
  expect(lacking(plan({ enough_space, download_bytes, free_bytes }))).toBe(expected),
);
