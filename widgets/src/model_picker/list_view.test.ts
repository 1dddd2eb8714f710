// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { listView } from "./list_view";
import type { Model } from "./listing";

const models = (count: number): Model[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `m${index}`,
    name: `Model ${index}`,
    category: "A",
    source: { type: "url", url: "x" },
    installed: index === 0,
  }));

/** A list on the page; what it wants and what was pressed is noted. */
function shown(rows: Model[], total = rows.length) {
  const noted: string[] = [];
  const view = listView(
    {
      rows: () => rows,
      total: () => total,
      state: ({ id }) => ({ job: undefined, chosen: id === "m1" }),
      need: (index) => noted.push(`need ${index}`),
      activated: () => noted.push(`active ${view.active}`),
      pressed: (first) => noted.push(`pressed ${first}`),
    },
    "list",
    new AbortController().signal,
  );
  document.body.replaceChildren(view.element);
  view.draw();
  const options = (): Element[] => [...view.element.querySelectorAll("[role=option]")];
  const key = (name: string): boolean => {
    let taken = false;
    view.element.addEventListener("keydown", (event) => (taken = view.key(event)), { once: true });
    view.element.dispatchEvent(new KeyboardEvent("keydown", { key: name }));
    return taken;
  };
  return { view, noted, options, key };
}

test("of ten thousand models only those in view are made, and each knows its place among all", () => {
  const { options } = shown(models(10_000));
  expect(options().length).toBeLessThan(30);
  expect(options()[3]?.ariaPosInSet).toBe("4");
  expect(options()[3]?.ariaSetSize).toBe("10000");
});

test("a row says in words what it shows in pictures", () => {
  const { options } = shown(models(2));
  expect(options()[0]?.ariaLabel).toBe("Model 0, A, Installed");
  expect(options()[1]?.ariaLabel).toBe("Model 1, A, not installed");
  expect(options()[1]?.ariaSelected).toBe("true");
});

test("keys move the active row within the list, and name it", () => {
  const { view, key } = shown(models(3));
  expect(view.element.hasAttribute("aria-activedescendant")).toBe(false);
  expect([key("ArrowDown"), key("x")]).toEqual([true, false]);
  expect(view.element.getAttribute("aria-activedescendant")).toBe("list-0");
  key("End");
  key("ArrowDown");
  expect(view.active).toBe(2);
  key("Home");
  key("ArrowUp");
  expect(view.active).toBe(0);
});

test("rows that are not here yet are asked for and shown as on their way", () => {
  const { noted, options } = shown(models(2), 50);
  expect(noted[0]).toMatch(/^need/);
  expect(options()[5]?.classList.contains("na-row-empty")).toBe(true);
});

test("a press makes a row active first, and tells whether it was not before", () => {
  const { noted, options } = shown(models(3));
  (options()[2] as HTMLElement).click();
  (options()[2] as HTMLElement).click();
  expect(noted.filter((note) => note.startsWith("pressed"))).toEqual(["pressed true", "pressed false"]);
});
