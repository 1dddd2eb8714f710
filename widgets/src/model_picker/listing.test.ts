import { expect, test } from "vitest";
import type { Reply, Transport } from "../transport/index";
import { address, makeListing, nextCursor, windowOf, type Model } from "./listing";

const everything = { query: "", category: null, installedOnly: false };
const model = (index: number): Model => ({
  id: `m${index}`,
  name: `M ${index}`,
  category: index % 2 ? "B" : "A",
  source: { type: "url", url: "x" },
  installed: false,
});

/** A server of that many models, with the cursors and ETags of ours. */
function catalog(count: number): Transport & { asked: string[] } {
  const asked: string[] = [];
  const request = async (_: string, path: string, options?: { headers?: Record<string, string> }): Promise<Reply> => {
    asked.push(path);
    const query = new URLSearchParams(path.split("?")[1]);
    const start = Number(query.get("cursor") ?? 0);
    const end = Math.min(count, start + Number(query.get("limit")));
    const rows = Array.from({ length: end - start }, (_, index) => model(start + index));
    const headers: Record<string, string> = { "x-total-count": String(count), etag: `"${start}-${end}"` };
    if (end < count) headers["link"] = `</api/models?limit=1&cursor=${end}>; rel="next"`;
    const status = options?.headers?.["If-None-Match"] === headers["etag"] ? 304 : 200;
    return { status, headers, json: () => rows, bytes: () => new ArrayBuffer(0) } as Reply;
  };
  return { kind: "http", request, url: () => null, asked } as unknown as Transport & { asked: string[] };
}

test.each([
  [everything, "/api/models?sort=name&limit=5"],
  [{ ...everything, query: " yolo x " }, "/api/models?sort=name&limit=5&q=yolo+x"],
  [{ ...everything, category: "Object Detection", installedOnly: true }, "/api/models?sort=name&limit=5&category=Object+Detection&installed=true"],
])("a search %o is asked as %s", (search, expected) => expect(address(search, 5)).toBe(expected));

test.each([
  ['</api/models?limit=2&cursor=MTA%3D>; rel="next"', "MTA="],
  ["</x?cursor=a>; rel=next", "a"],
  ['</x?cursor=a>; rel="prev"', null],
  ["", null],
  [undefined, null],
])("the next page of %s begins at %s", (link, cursor) => expect(nextCursor(link)).toBe(cursor));

test("ten thousand models: one page at first, and one request for everything up to a far row", async () => {
  const server = catalog(10_000);
  const listing = makeListing(server);
  await listing.find(everything);
  expect([listing.rows.length, listing.total]).toEqual([100, 10_000]);
  await Promise.all([listing.need(9_999), listing.need(9_999)]);
  expect(listing.rows.length).toBe(10_000);
  expect(server.asked.length).toBe(2);
  expect(new Set(listing.rows.map((row) => row.id)).size).toBe(10_000);
});

test("asking again for the same is answered by 304 and changes nothing", async () => {
  const listing = makeListing(catalog(3));
  expect(await listing.find(everything)).toBe(true);
  const { rows } = listing;
  expect(await listing.refresh()).toBe(false);
  expect(listing.rows).toBe(rows);
});

test("a search that a newer one overtook changes nothing", async () => {
  const listing = makeListing(catalog(300));
  const first = listing.find({ ...everything, query: "a" });
  const second = listing.find({ ...everything, query: "ab" });
  expect(await Promise.all([first, second])).toEqual([false, true]);
});

test.each([
  [0, 400, 50, 10_000, [0, 12]],
  [5_000, 400, 50, 10_000, [96, 112]],
  [0, 400, 50, 3, [0, 3]],
  [0, 400, 50, 0, [0, 0]],
])("at %i of %i px, rows of %i px, %i rows: %o are in view", (top, height, row, total, expected) =>
  expect(windowOf(top, height, row, total)).toEqual(expected),
);
