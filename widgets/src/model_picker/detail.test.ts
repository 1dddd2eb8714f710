// @vitest-environment happy-dom
import { expect, test } from "vitest";
import type { Job, Member } from "../jobs";
import type { Reply, Transport } from "../transport/index";
import { detail } from "./detail";
import type { Model } from "./listing";

const model = (more: Partial<Model> = {}): Model => ({
  id: "org/name",
  name: "Name",
  category: "Audio",
  source: { type: "huggingface", url: "org/name" },
  installed: false,
  size: 1_000_000,
  ...more,
});
const PLAN = {
  id: "org/name",
  installed: false,
  gated: false,
  license: "MIT",
  revision: null,
  files: [{ path: "x", size: 1_000_000, verified_by: "sha256", action: "fetch" }],
  total_bytes: 1_000_000,
  download_bytes: 1_000_000,
  free_bytes: 9_000_000,
  enough_space: true,
};

/** A panel on the page, with a server that answers as it is told; what it was asked is noted. */
function panel(answers: Record<string, unknown> = {}) {
  const asked: string[] = [];
  const said: string[] = [];
  const request = async (method: string, path: string): Promise<Reply> => {
    asked.push(`${method} ${path}`);
    const answer = answers[`${method} ${path}`] ?? (path.includes("/plan/") ? PLAN : { job_id: "j" });
    if (answer instanceof Error) throw answer;
    return { status: 200, headers: {}, json: () => answer, bytes: () => new ArrayBuffer(0) } as Reply;
  };
  const shown = detail({
    member: { detail: async () => null, act: async () => null } as unknown as Member,
    transport: { kind: "http", request, url: () => null } as unknown as Transport,
    signal: new AbortController().signal,
    changed: () => said.push("changed"),
    left: () => said.push("left"),
    say: (text) => said.push(text),
  });
  document.body.replaceChildren(shown.element);
  const buttons = (): string[] => [...shown.element.querySelectorAll("button")].filter((one) => !one.hidden).map((one) => one.textContent ?? "");
  const press = async (text: string): Promise<void> => {
    [...shown.element.querySelectorAll("button")].find((one) => one.textContent === text)?.click();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { shown, asked, said, buttons, press };
}
const refusal = (code: string, status: number, hint = ""): Error => Object.assign(new Error(code), { code, status, hint });
const job = (more: Partial<Job> = {}): Job =>
  ({ job_id: "j", state: "running", stage: "downloading", status: "running", subject: "org/name", bytes: 1, total_bytes: 2, speed_bps: 1, eta_s: 1, progress: 50, message: "", code: null, hint: null, retry_at: null, time: 1, ...more }) as Job;

test("nothing is asked to move before its plan was shown and confirmed", async () => {
  const { shown, asked, buttons, press } = panel();
  shown.show(model(), undefined);
  await press("Install…");
  expect(asked).toEqual(["GET /api/models/plan/org%2Fname"]);
  expect(shown.element.querySelector(".na-plan")?.textContent).toContain("1.0 MB");
  expect(buttons()).toEqual(["Install", "Not now"]);
  expect(document.activeElement?.textContent).toBe("Install");
  await press("Install");
  expect(asked.at(-1)).toBe("POST /api/models/download/org%2Fname");
});

test("a disk that is too small leaves nothing to confirm", async () => {
  const plan = { ...PLAN, enough_space: false, free_bytes: 1 };
  const { shown, buttons, press } = panel({ "GET /api/models/plan/org%2Fname": plan });
  shown.show(model(), undefined);
  await press("Install…");
  expect(buttons()).toEqual(["Not now"]);
});

test("a refusal is told with its hint, whose page is a link, and may be tried again", async () => {
  const gated = refusal("token_missing", 422, "Accept its licence at https://hub/org/name and set HF_TOKEN.");
  const { shown, said, buttons, press } = panel({ "GET /api/models/plan/org%2Fname": gated });
  shown.show(model(), undefined);
  await press("Install…");
  expect(shown.element.querySelector(".na-complaint a")?.getAttribute("href")).toBe("https://hub/org/name");
  expect(said.join()).toContain("token_missing");
  expect(buttons()).toEqual(["Install…"]);
});

test("what a person put there is removed only when asked twice", async () => {
  const { shown, asked, press, buttons } = panel({ "DELETE /api/models/download/org%2Fname": refusal("by_hand", 409) });
  shown.show(model({ installed: true }), undefined);
  await press("Remove…");
  expect(asked).toEqual([]);
  await press("Remove");
  expect(buttons()[0]).toBe("Delete it all the same");
  await press("Delete it all the same");
  expect(asked.at(-1)).toBe("DELETE /api/models/download/org%2Fname?force=true");
});

test("a job takes the place of the buttons, and they come back when it is over", () => {
  const { shown, buttons } = panel();
  shown.show(model(), job());
  expect(buttons()).toEqual(["Pause", "Cancel"]);
  shown.show(model(), job({ state: "paused" }));
  expect(buttons()).toEqual(["Resume", "Cancel"]);
  shown.show(model({ installed: true }), job({ state: "completed", status: "completed" }));
  expect(buttons()).toEqual(["Remove…"]);
});

test("a file in the way may be replaced", async () => {
  const { shown, asked, press } = panel();
  shown.show(model(), job({ state: "error", status: "error", code: "exists", message: "In the way." }));
  expect(shown.element.textContent).toContain("In the way.");
  await press("Replace what is there");
  expect(asked.at(-1)).toBe("POST /api/models/download/org%2Fname?replace=true");
});

test("another model drops the question about the one before", async () => {
  const { shown, buttons, press } = panel();
  shown.show(model(), undefined);
  await press("Install…");
  shown.show(model({ id: "b", installed: true }), undefined);
  expect(buttons()).toEqual(["Remove…"]);
});
