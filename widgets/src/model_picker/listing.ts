/**
 * The rows that the server finds for a search, fetched as far as somebody looks.
 *
 *     rows   [0 .............. loaded)  ....................  total
 *                     shown      ^ the server's cursor: where the next page begins
 *
 * Whoever scrolls far gets everything up to there in one request. A search that a newer one has overtaken is
 * aborted, and its answer, should it still come, is thrown away.
 */
import type { Transport } from "../transport/index";
import type { ModelItem } from "../wire";

/** A model as the list tells it. */
export type Model = ModelItem;

/** What is searched for. */
export interface Search {
  query: string;
  category: string | null;
  installedOnly: boolean;
}

export const PAGE_ROWS = 100;

/** Give the address of a page of a search. */
export function address({ query, category, installedOnly }: Search, limit: number, cursor: string | null = null): string {
  const asked = { sort: "name", limit, q: query.trim(), category, installed: installedOnly, cursor };
  return `/api/models?${new URLSearchParams(Object.entries(asked).flatMap(([name, value]) => (value ? [[name, `${value}`]] : [])))}`;
}

/** Give the cursor of the next page from a Link header (RFC 8288), or null on the last page. */
export function nextCursor(link = ""): string | null {
  const found = /[?&]cursor=([^&>]+)[^>]*>\s*;[^,]*rel="?next"?/.exec(link);
  return found && decodeURIComponent(found[1] as string);
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

  const models = async (query: string): Promise<Model[]> => (await transport.request("GET", `/api/models${query}`)).json() as Model[];

  /** Fetch a page: the first, or what comes after the rows that are here. */
  const load = async (limit: number, after: string | null = null): Promise<boolean> => {
    running?.abort();
    const { signal } = (running = new AbortController());
    try {
      const headers: Record<string, string> = etag && !after ? { "If-None-Match": etag } : {};
      const reply = await transport.request("GET", address(search, limit, after), { signal, headers });
      if (signal.aborted || reply.status === 304) return false;
      if (!after) etag = reply.headers["etag"] ?? "";
      listing.rows = [...(after ? listing.rows : []), ...(reply.json() as Model[])];
      listing.total = Number(reply.headers["x-total-count"] ?? listing.rows.length);
      cursor = nextCursor(reply.headers["link"]);
      return (listing.ready = true);
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    } finally {
      if (!signal.aborted) running = null;
    }
  };

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
    need: async (index) =>
      index >= listing.rows.length && !!cursor && !running && load(Math.max(PAGE_ROWS, index - listing.rows.length + 1), cursor),
    one: async (id) => (await models(`?q=${encodeURIComponent(id)}`)).find((model) => model.id === id),
    categories: async () => (await models("")).map(({ category }) => category),
  };
  return listing;
}

/** Give the first row that lies in view, and how many do, with a margin so that scrolling shows no gap. */
export function windowOf(scrollTop: number, height: number, row: number, total: number): [number, number] {
  const first = Math.max(0, Math.floor(scrollTop / row) - 4);
  return [first, Math.min(total, Math.ceil((scrollTop + height) / row) + 4)];
}
