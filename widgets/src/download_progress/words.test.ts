// @vitest-environment happy-dom
import { expect, test } from "vitest";
import type { Job, Verb } from "../jobs";
import { chosen, traits } from "./index";
import { linked } from "../complaint";
import { numbers, sentence, spoken, verbs, word } from "./words";

const job = (more: Partial<Job> = {}): Job =>
  ({
    job_id: "a",
    kind: "download",
    model_id: "m",
    subject: "M",
    status: "running",
    state: "running",
    stage: "downloading",
    progress: 42,
    message: "Downloading... 42%",
    code: null,
    hint: null,
    bytes: 42_000_000,
    total_bytes: 100_000_000,
    speed_bps: 5_000_000,
    eta_s: 12,
    retry_at: null,
    time: 1,
    ...more,
  }) as Job;

test("a running job says what it does, others how they are", () => {
  expect(word(job({ stage: "verifying" }))).toBe("Verifying");
  expect(word(job({ stage: "unheard_of" }))).toBe("unheard_of");
  expect(word(job({ state: "paused" }))).toBe("Paused");
});
test("speed and time left are told only while bytes move", () => {
  expect(numbers(job()).split(" · ").length).toBe(3);
  expect(numbers(job({ state: "paused" })).split(" · ").length).toBe(1);
  expect(numbers(job({ bytes: 0, total_bytes: null }))).toBe("");
});
test("what waits says why and for how long", () => {
  const said = sentence(job({ state: "waiting_retry", message: "Cut.", retry_at: 130 }), 100);
  expect(said).toMatch(/^Cut\. .*30/);
  expect(sentence(job(), 0)).toBe("");
});
test.each<[Job["state"], Verb[]]>([
  ["queued", ["pause", "cancel"]],
  ["running", ["pause", "cancel"]],
  ["waiting_retry", ["retry", "pause", "cancel"]],
  ["paused", ["resume", "cancel"]],
  ["error", ["retry"]],
  ["cancelled", []],
  ["completed", []],
])("a job that is %s can be told to %o", (state, expected) => expect(verbs(job({ state }))).toEqual(expected));
test("a screen reader hears each tenth of the way, not each percent", () => {
  expect(spoken(job({ progress: 41 }))).toBe(spoken(job({ progress: 49 })));
  expect(spoken(job({ progress: 41 }))).not.toBe(spoken(job({ progress: 50 })));
});
test("the page that a hint names becomes a link, and only pages do", () => {
  const pieces = linked("Accept it at https://huggingface.co/a/b, then set HF_TOKEN.");
  expect(pieces.map((piece) => (typeof piece === "string" ? piece : (piece as HTMLAnchorElement).getAttribute("href")))).toEqual([
    "Accept it at ",
    "https://huggingface.co/a/b",
    ", then set HF_TOKEN.",
  ]);
  expect(linked("javascript:alert(1)")).toEqual(["javascript:alert(1)"]);
  expect(linked("")).toEqual([]);
});
test("one job by its id, the newest of a model, or all: live ones first and few that are over", () => {
  const over = Array.from({ length: 9 }, (_, index) => job({ job_id: `o${index}`, state: "completed", model_id: "n" }));
  const jobs = [...over, job({ job_id: "live" })];
  expect(chosen(jobs, "o3", null).map((one) => one.job_id)).toEqual(["o3"]);
  expect(chosen(jobs, null, "n").map((one) => one.job_id)).toEqual(["o0"]);
  expect(chosen(jobs, null, null).map((one) => one.job_id)).toEqual(["live", "o0", "o1", "o2", "o3", "o4"]);
});
test("the kernel is told a job's own words, and of several their mean", () => {
  expect(traits([job()])).toMatchObject({ status: "running", progress: 42, state: "running" });
  expect(traits([job({ progress: 10 }), job({ progress: 30 })])).toMatchObject({ progress: 20 });
  expect(traits([])).toMatchObject({ status: "", progress: 0, jobs: [] });
});
