import type { LanguageModelV3Content, LanguageModelV3FinishReason } from '@ai-sdk/provider';

import { json, type Database } from '#platform/db';
import type { Logger } from '#platform/telemetry';

import type { CacheIndexRow, CacheStore, StoredAnswer } from '../../store/cache.store';
import type { LlmTables } from '../../store/rows';
import type { Embedder } from '../ports';
import type { CacheSettings } from '../types';
import { CacheIndex, type CacheEntries } from './cache-index';
import type { CacheKey } from './cache-key';
import { cosine, hardTerms } from './similarity';

export interface CachedAnswer {
  readonly kind: 'exact' | 'semantic';
  readonly similarity: number;
  readonly provider: string;
  readonly model: string;
  readonly content: readonly LanguageModelV3Content[];
  readonly finishReason: LanguageModelV3FinishReason;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** What the first answer cost in money and time: what this one saved. */
  readonly costUsd: number;
  readonly latencyMs: number;
}

export interface NewAnswer {
  readonly provider: string;
  readonly model: string;
  readonly content: readonly LanguageModelV3Content[];
  readonly finishReason: LanguageModelV3FinishReason;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number;
  readonly latencyMs: number;
  readonly tags: readonly string[];
}

/** A request's place in the cache, kept from the look-up to the store so that its question is embedded once. */
export interface CacheSlot {
  readonly key: CacheKey;
  readonly embedding: readonly number[] | null;
}

export interface AnswerCacheDeps {
  readonly db: Database<LlmTables>;
  readonly store: CacheStore;
  readonly embedder: Embedder | null;
  readonly logger: Logger;
}

const largestAnswerBytes = 262_144;
const writeEveryMs = 100;
/** Answers of a tenant that wait to be written; more are not kept. */
const mostUnwritten = 1_000;

type NewRow = Parameters<CacheStore['putMany']>[2][number] & CacheIndexRow;

/**
 * Answers that were given before. The answers are in the database; this process keeps only an index of what may be there, so a miss
 * costs no query. A hit is always read from the database: an answer invalidated by another process is never served.
 */
export class AnswerCache {
  private readonly index: CacheIndex;
  private readonly writing = new Set<Promise<void>>();
  private readonly unwritten = new Map<string, Map<string, NewRow>>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly deps: AnswerCacheDeps) {
    this.index = new CacheIndex(deps);
  }

  async find(tenantId: string, key: CacheKey, settings: CacheSettings): Promise<{ answer: CachedAnswer | null; slot: CacheSlot }> {
    const entries = await this.index.entriesOf(tenantId);
    const now = Date.now();
    const exact = entries.get(key.key);
    if (exact && exact.expiresAt > now) {
      const answer = await this.take(tenantId, key.key, { kind: 'exact', similarity: 1 });
      if (answer) return { answer, slot: { key, embedding: null } };
    }
    if (settings.mode !== 'semantic' || !this.deps.embedder || !key.question) return { answer: null, slot: { key, embedding: null } };
    const embedding = await this.embed(key.question);
    const near = embedding ? nearest(entries, { key, embedding, threshold: settings.threshold, now }) : null;
    const answer = near ? await this.take(tenantId, near.key, { kind: 'semantic', similarity: near.similarity }) : null;
    return { answer, slot: { key, embedding } };
  }

  /** Stores an answer behind the caller's back, with others in one step; a failure costs a later hit and nothing else. */
  keep(tenantId: string, { key, embedding }: CacheSlot, entry: { readonly answer: NewAnswer; readonly ttlSeconds: number }): void {
    const { answer, ttlSeconds } = entry;
    const body = { content: answer.content, finishReason: answer.finishReason };
    if (JSON.stringify(body).length > largestAnswerBytes) return;
    const now = new Date();
    const row: NewRow = {
      tenant_id: tenantId,
      key: key.key,
      scope: key.scope,
      provider: answer.provider,
      model: answer.model,
      question: key.question.slice(0, 4_000),
      embedding: embedding ? [...embedding] : null,
      answer: json(body),
      tags: [...answer.tags],
      prompt_tokens: answer.promptTokens,
      completion_tokens: answer.completionTokens,
      cost_usd: answer.costUsd.toFixed(9),
      latency_ms: answer.latencyMs,
      created_at: now,
      expires_at: new Date(now.getTime() + ttlSeconds * 1_000),
    };
    const rows = this.unwritten.get(tenantId) ?? new Map<string, NewRow>();
    if (rows.size >= mostUnwritten) return;
    this.unwritten.set(tenantId, rows.set(key.key, row));
    this.timer ??= setTimeout(() => void this.settled(), writeEveryMs);
  }

  async invalidate(tenantId: string, what: { readonly tags?: readonly string[]; readonly model?: string }): Promise<number> {
    await this.settled();
    const removed = await this.deps.db.inTenant(tenantId, (tx) => this.deps.store.invalidate(tx, tenantId, what));
    this.index.forgetAll(tenantId);
    return removed;
  }

  /** Resolves when every answer kept so far is stored. */
  async settled(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    for (const [tenantId, rows] of this.unwritten) {
      const work = this.write(tenantId, [...rows.values()]).finally(() => this.writing.delete(work));
      this.writing.add(work);
    }
    this.unwritten.clear();
    await Promise.all(this.writing);
  }

  private async write(tenantId: string, rows: readonly NewRow[]): Promise<void> {
    try {
      await this.deps.db.inTenant(tenantId, (tx) => this.deps.store.putMany(tx, tenantId, rows));
      for (const row of rows) this.index.remember(tenantId, row);
    } catch (error) {
      this.deps.logger.warn({ event: 'llm.cache_write_failed', err: error }, 'answers could not be cached');
    }
  }

  private async take(tenantId: string, key: string, how: Pick<CachedAnswer, 'kind' | 'similarity'>): Promise<CachedAnswer | null> {
    const row = await this.deps.db
      .inTenant(tenantId, (tx) => this.deps.store.take(tx, tenantId, key))
      .catch((error: unknown) => {
        this.deps.logger.warn({ event: 'llm.cache_read_failed', err: error }, 'a cached answer could not be read');
        return null;
      });
    if (!row) this.index.forget(tenantId, key);
    return row ? toAnswer(row, how) : null;
  }

  private async embed(question: string): Promise<readonly number[] | null> {
    try {
      return (await this.deps.embedder!.embed([question]))[0] ?? null;
    } catch (error) {
      this.deps.logger.warn(
        { event: 'llm.cache_embed_failed', err: error },
        'the question could not be embedded; only the exact cache was searched',
      );
      return null;
    }
  }
}

interface Wanted {
  readonly key: CacheKey;
  readonly embedding: readonly number[];
  readonly threshold: number;
  readonly now: number;
}

function nearest(entries: CacheEntries, { key, embedding, threshold, now }: Wanted): { key: string; similarity: number } | null {
  const terms = hardTerms(key.question);
  let best: { key: string; similarity: number } | null = null;
  for (const [candidate, entry] of entries) {
    if (entry.scope !== key.scope || entry.expiresAt <= now || !entry.embedding || entry.terms !== terms) continue;
    const similarity = cosine(embedding, entry.embedding);
    if (similarity >= threshold && similarity > (best?.similarity ?? -1)) best = { key: candidate, similarity };
  }
  return best;
}

function toAnswer(row: StoredAnswer, how: Pick<CachedAnswer, 'kind' | 'similarity'>): CachedAnswer {
  const { content, finishReason } = row.answer as Pick<CachedAnswer, 'content' | 'finishReason'>;
  return {
    provider: row.provider,
    model: row.model,
    content,
    finishReason,
    promptTokens: row.prompt_tokens,
    completionTokens: row.completion_tokens,
    costUsd: Number(row.cost_usd),
    latencyMs: row.latency_ms,
    ...how,
  };
}
