import { createHash } from 'node:crypto';

import type { QueryResult } from '../sandbox';

export interface ResultKey {
  readonly tenantId: string;
  readonly sourceId: string;
  /** Changes when rows may have changed: an old result is then never found again. */
  readonly dataVersion: string;
  readonly sql: string;
  /** Who may see which rows: callers under other policies never share a result. */
  readonly policy: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly maxRows: number;
}

export interface ResolveOptions {
  /** Passes the cache and replaces what it holds. @default false */
  readonly refresh?: boolean;
}

export interface ResultCacheOptions {
  /** Rows kept, as JSON text. @default 67_108_864 bytes */
  readonly maxBytes?: number;
  /** @default 300_000 ms */
  readonly ttlMs?: number;
  readonly now?: () => number;
}

export interface ResultCache {
  /** The kept result, or that of `run`. Callers who ask for the same thing while it runs wait for the one run. */
  resolve(
    key: ResultKey,
    run: () => Promise<QueryResult>,
    options?: ResolveOptions,
  ): Promise<{ readonly result: QueryResult; readonly cacheHit: boolean }>;
  stats(): { readonly entries: number; readonly bytes: number; readonly hits: number; readonly misses: number };
}

interface Kept {
  readonly result: QueryResult;
  readonly bytes: number;
  readonly until: number;
}

class MemoryResultCache implements ResultCache {
  private readonly kept = new Map<string, Kept>();
  private readonly running = new Map<string, Promise<QueryResult>>();
  private bytes = 0;
  private hits = 0;
  private misses = 0;
  private readonly maxBytes: number;
  private readonly ttlMs: number;
  private readonly now: () => number;

  constructor({ maxBytes = 64 * 1024 * 1024, ttlMs = 300_000, now = Date.now }: ResultCacheOptions) {
    this.maxBytes = maxBytes;
    this.ttlMs = ttlMs;
    this.now = now;
  }

  async resolve(
    key: ResultKey,
    run: () => Promise<QueryResult>,
    { refresh = false }: ResolveOptions = {},
  ): Promise<{ result: QueryResult; cacheHit: boolean }> {
    const id = idOf(key);
    const known = refresh ? undefined : this.find(id);
    if (known) {
      this.hits += 1;
      return { result: known, cacheHit: true };
    }
    const joined = refresh ? undefined : this.running.get(id);
    if (joined) {
      // The leader may have been cancelled by its own caller: that is no answer for this one.
      const result = await joined.catch(() => undefined);
      if (result) {
        this.hits += 1;
        return { result, cacheHit: true };
      }
    }
    return { result: await this.lead(id, run), cacheHit: false };
  }

  stats(): { entries: number; bytes: number; hits: number; misses: number } {
    return { entries: this.kept.size, bytes: this.bytes, hits: this.hits, misses: this.misses };
  }

  private async lead(id: string, run: () => Promise<QueryResult>): Promise<QueryResult> {
    this.misses += 1;
    const running = run();
    this.running.set(id, running);
    try {
      const result = await running;
      this.keep(id, result);
      return result;
    } finally {
      if (this.running.get(id) === running) this.running.delete(id);
    }
  }

  private find(id: string): QueryResult | undefined {
    const found = this.kept.get(id);
    if (!found) return undefined;
    this.kept.delete(id);
    if (found.until <= this.now()) {
      this.bytes -= found.bytes;
      return undefined;
    }
    // Last in the map is the most recently used.
    this.kept.set(id, found);
    return found.result;
  }

  private keep(id: string, result: QueryResult): void {
    const bytes = Buffer.byteLength(JSON.stringify(result.rows));
    this.drop(id);
    if (bytes > this.maxBytes / 4) return;
    this.kept.set(id, { result, bytes, until: this.now() + this.ttlMs });
    this.bytes += bytes;
    for (const oldest of this.kept.keys()) {
      if (this.bytes <= this.maxBytes) break;
      this.drop(oldest);
    }
  }

  private drop(id: string): void {
    const found = this.kept.get(id);
    if (!found) return;
    this.kept.delete(id);
    this.bytes -= found.bytes;
  }
}

// A hash of a list, not of joined text: no value can pass for two fields.
const idOf = ({ tenantId, sourceId, dataVersion, sql, policy, parameters, maxRows }: ResultKey): string => {
  const named = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([tenantId, sourceId, dataVersion, sql, policy, named, maxRows]))
    .digest('base64');
};

export const createResultCache = (options: ResultCacheOptions = {}): ResultCache => new MemoryResultCache(options);
