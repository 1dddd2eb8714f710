/**
 * The rows that the server finds for a search, fetched as far as somebody looks.
 *
 *     rows   [0 .............. loaded)  ....................  total
 *                     shown      ^ the server's cursor: where the next page begins
 *
 * Whoever scrolls far gets everything up to there in one request. A search that a newer one has overtaken is
 * aborted, and its answer, should it still come, is thrown away.
 */
import type { Reply, Transport } from "../transport/index";

/** A model as the list tells it. */
export interface Model {
  id: string;
  name: string;
  category: string;
  source: { type: string; url: string; revision?: string; gated?: boolean };
  installed: boolean;
  verified?: boolean | null;
  problem?: string | null;
  description?: string;
  license?: string;
  homepage?: string;
  tags?: string[];
  size?: number | null;
  files?: string[];
}

/** What is searched for. */
export interface Search {
  query: string;
  category: string | null;
  installedOnly: boolean;
}

export const PAGE_ROWS = 100;

/** Give the address of a page of a search. */
export function address(search: Search, limit: number, cursor: string | null = null): string {
  const asked = new URLSearchParams({ sort: "name", limit: String(limit) });
  if (search.query.trim()) asked.set("q", search.query.trim());
  if (search.category) asked.set("category", search.category);
  if (search.installedOnly) asked.set("installed", "true");
  if (cursor) asked.set("cursor", cursor);
  return `/api/models?${asked}`;
}

/** Give the cursor of the next page from a Link header (RFC 8288), or null on the last page. */
export function nextCursor(link: string | undefined): string | null {
  const target = /<([^>]*)>\s*;[^,]*rel="?next"?/.exec(link ?? "")?.[1];
  return target ? new URLSearchParams(target.slice(target.indexOf("?") + 1)).get("cursor") : null;
}

/** The rows of one search at a time. */
export interface Listing {
  rows: Model[];
  total: number;
  /** Whether the server has answered at least once. */
  ready: boolean;
  /** Begin another search; false where a newer one overtook it. */
  find(search: Search): Promise<boolean>;
  /** Ask again for what is here; false where nothing has changed. */
  refresh(): Promise<boolean>;
  /** Fetch up to the row of that index; false where that brings nothing. */
  need(index: number): Promise<boolean>;
  /** Give a model by its id, whatever is searched for. */
  one(id: string): Promise<Model | undefined>;
  /** Give every category there is, of the whole catalog. */
  categories(): Promise<string[]>;
}

/** Make an empty listing. */
export function makeListing(transport: Transport): Listing {
  let cursor: string | null = null;
  let etag = "";
  let search: Search;
  let running: AbortController | null = null;
  let more = false;

  const get = (path: string, options = {}): Promise<Reply> => transport.request("GET", path, options);
  const models = async (path: string): Promise<Model[]> => (await get(path)).json() as Model[];

  function take(rows: Model[], { headers }: Reply): boolean {
    listing.rows = rows;
    cursor = nextCursor(headers["link"]);
    listing.total = Number(headers["x-total-count"] ?? rows.length);
    return (listing.ready = true);
  }

  async function load(limit: number): Promise<boolean> {
    running?.abort();
    const mine = (running = new AbortController());
    const { signal } = mine;
    try {
      const reply = await get(address(search, limit), { signal, headers: etag ? { "If-None-Match": etag } : {} });
      if (running !== mine || reply.status === 304) return false;
      etag = reply.headers["etag"] ?? "";
      return take(reply.json() as Model[], reply);
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    } finally {
      if (running === mine) running = null;
    }
  }

  const listing: Listing = {
    rows: [],
    total: 0,
    ready: false,
    find(next) {
      search = next;
      etag = "";
      return load(PAGE_ROWS);
    },
    refresh: () => load(Math.max(PAGE_ROWS, listing.rows.length)),
    async need(index) {
      const { rows } = listing;
      if (more || index < rows.length || !cursor || running) return false;
      more = true;
      try {
        const reply = await get(address(search, Math.max(PAGE_ROWS, index - rows.length + 1), cursor));
        return rows === listing.rows && !running && take([...rows, ...(reply.json() as Model[])], reply);
      } finally {
        more = false;
      }
    },
    one: async (id) => (await models(`/api/models?${new URLSearchParams({ q: id })}`)).find((model) => model.id === id),
    categories: async () => (await models("/api/models")).map(({ category }) => category),
  };
  return listing;
}

/** Give the first row that lies in view, and how many do, with a margin so that scrolling shows no gap. */
export function windowOf(scrollTop: number, height: number, row: number, total: number): [number, number] {
  const first = Math.max(0, Math.floor(scrollTop / row) - 4);
  return [first, Math.min(total, Math.ceil((scrollTop + height) / row) + 4)];
}
