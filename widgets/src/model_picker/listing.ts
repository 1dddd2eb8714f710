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
export class Listing {
  rows: Model[] = [];
  total = 0;
  /** Whether the present search was answered at least once. */
  ready = false;
  readonly #transport: Transport;
  #cursor: string | null = null;
  #etag = "";
  #search: Search = { query: "", category: null, installedOnly: false };
  #running: AbortController | null = null;
  #more = false;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Begin another search; false where a newer one overtook it. */
  async find(search: Search): Promise<boolean> {
    this.#search = search;
    this.#etag = "";
    return this.#load(PAGE_ROWS);
  }

  /** Ask again for what is here; false where nothing has changed. */
  async refresh(): Promise<boolean> {
    return this.#load(Math.max(PAGE_ROWS, this.rows.length));
  }

  /** Fetch up to the row of that index; false where that brings nothing. */
  async need(index: number): Promise<boolean> {
    if (this.#more || index < this.rows.length || !this.#cursor || this.#running) return false;
    const limit = Math.max(PAGE_ROWS, index - this.rows.length + 1);
    this.#more = true;
    try {
      return await this.#append(limit);
    } finally {
      this.#more = false;
    }
  }

  /** Give a model by its id, whatever is searched for. */
  async one(id: string): Promise<Model | undefined> {
    const reply = await this.#get(`/api/models?${new URLSearchParams({ q: id })}`);
    return (reply.json() as Model[]).find((model) => model.id === id);
  }

  /** Give every category there is, of the whole catalog. */
  async categories(): Promise<string[]> {
    const reply = await this.#get("/api/models");
    return (reply.json() as Model[]).map(({ category }) => category);
  }

  async #append(limit: number): Promise<boolean> {
    const search = this.#search;
    const reply = await this.#get(address(search, limit, this.#cursor));
    if (search !== this.#search || this.#running) return false;
    this.rows = [...this.rows, ...(reply.json() as Model[])];
    this.#take(reply);
    return true;
  }

  async #load(limit: number): Promise<boolean> {
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    const headers: Record<string, string> = this.#etag ? { "If-None-Match": this.#etag } : {};
    try {
      const reply = await this.#get(address(this.#search, limit), { headers, signal: running.signal });
      if (this.#running !== running || reply.status === 304) return false;
      this.rows = reply.json() as Model[];
      this.#etag = reply.headers["etag"] ?? "";
      this.ready = true;
      this.#take(reply);
      return true;
    } catch (error) {
      if (running.signal.aborted) return false;
      throw error;
    } finally {
      if (this.#running === running) this.#running = null;
    }
  }

  #get(path: string, options = {}): Promise<Reply> {
    return this.#transport.request("GET", path, options);
  }

  #take({ headers }: Reply): void {
    this.#cursor = nextCursor(headers["link"]);
    this.total = Number(headers["x-total-count"] ?? this.rows.length);
  }
}

/** Give the first row that lies in view, and how many do, with a margin so that scrolling shows no gap. */
export function windowOf(scrollTop: number, height: number, row: number, total: number): [number, number] {
  const first = Math.max(0, Math.floor(scrollTop / row) - 4);
  return [first, Math.min(total, Math.ceil((scrollTop + height) / row) + 4)];
}
