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
  private cursor: string | null = null;
  private etag: string | undefined;
  private search: Search = { query: "", category: null, installedOnly: false };
  private running: AbortController | null = null;
  private more: Promise<void> | null = null;

  constructor(private readonly transport: Transport) {}

  /** Begin another search; false where a newer one overtook it. */
  async find(search: Search): Promise<boolean> {
    this.search = search;
    this.etag = undefined;
    return this.load(PAGE_ROWS);
  }

  /** Ask again for what is here; false where nothing has changed. */
  async refresh(): Promise<boolean> {
    return this.load(Math.max(PAGE_ROWS, this.rows.length));
  }

  /** Fetch up to the row of that index; at once when it is here. */
  async need(index: number): Promise<void> {
    if (this.more) await this.more;
    if (index < this.rows.length || !this.cursor || this.running) return;
    const limit = Math.max(PAGE_ROWS, Math.min(index, this.total - 1) - this.rows.length + 1);
    this.more = this.fetchMore(limit).finally(() => (this.more = null));
    await this.more;
  }

  /** Give every category there is, of the whole catalog. */
  async categories(): Promise<string[]> {
    const all = { query: "", category: null, installedOnly: false };
    const reply = await this.transport.request("GET", address(all, 100_000));
    return categoriesOf(reply.json() as Model[]);
  }

  private async fetchMore(limit: number): Promise<void> {
    const { search } = this;
    const reply = await this.transport.request("GET", address(search, limit, this.cursor));
    if (search !== this.search || this.running) return;
    this.rows = [...this.rows, ...(reply.json() as Model[])];
    this.take(reply.headers);
  }

  private async load(limit: number): Promise<boolean> {
    this.running?.abort();
    const running = (this.running = new AbortController());
    try {
      const headers: Record<string, string> = this.etag ? { "If-None-Match": this.etag } : {};
      const options = { headers, signal: running.signal };
      const reply = await this.transport.request("GET", address(this.search, limit), options);
      if (this.running !== running || reply.status === 304) return false;
      this.rows = reply.json() as Model[];
      this.etag = reply.headers["etag"];
      this.ready = true;
      this.take(reply.headers);
      return true;
    } catch (error) {
      if (running.signal.aborted) return false;
      throw error;
    } finally {
      if (this.running === running) this.running = null;
    }
  }

  private take(headers: Record<string, string>): void {
    this.cursor = nextCursor(headers["link"]);
    this.total = Number(headers["x-total-count"] ?? this.rows.length);
  }
}

/** Give the categories of some models, in order, each once. */
export function categoriesOf(models: Model[]): string[] {
  return [...new Set(models.map((model) => model.category))].sort((a, b) => a.localeCompare(b));
}

/** Give the first row that lies in view, and how many do, with a margin so that scrolling shows no gap. */
export function windowOf(scrollTop: number, height: number, row: number, total: number): [number, number] {
  const first = Math.max(0, Math.floor(scrollTop / row) - 4);
  return [first, Math.min(total, Math.ceil((scrollTop + height) / row) + 4)];
}
