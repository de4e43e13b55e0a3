export const collections = ['schema', 'values', 'metrics', 'conversations', 'dashboards', 'knowledge'] as const;
export type Collection = (typeof collections)[number];

/** One searchable piece: a table, a column, a value, a metric, a message, a dashboard, a part of a document. */
export interface IndexEntry {
  /** Unique within tenant and collection; writing it again replaces it. */
  readonly id: string;
  /** The thing it belongs to, whose removal removes it: a source, session, dashboard or document id. */
  readonly ownerId: string;
  /** table, column, relationship, value, metric, message, dashboard or part. */
  readonly kind: string;
  readonly title: string;
  readonly content: string;
  /** Only this user finds it; null for everybody in the tenant who may see its owner. */
  readonly userId: string | null;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Vectors of one model. Those of different models are never compared. */
export interface Generation {
  readonly model: string;
  readonly dimension: number;
}

/** Where entries are kept: a tenant's collection, with vectors of one model. */
export interface Shelf {
  readonly tenantId: string;
  readonly collection: Collection;
  /** @default the configured model */
  readonly generation?: Generation;
}

export interface Scores {
  readonly vector: number | null;
  readonly keyword: number | null;
  readonly fused: number;
}

/** An entry's place in the answer, before its text is fetched. */
export interface RankedHit {
  readonly shelf: Shelf;
  readonly id: string;
  readonly ownerId: string;
  /** Fused score, 0 to 1; ordering only. */
  readonly score: number;
  readonly scores: Scores;
}

export interface Ranking {
  readonly hits: readonly RankedHit[];
  /** `keyword` instead of `hybrid` where the model could not be reached. */
  readonly mode: SearchMode;
}

export interface IndexHit extends IndexEntry {
  readonly collection: Collection;
  readonly score: number;
  readonly scores: Scores;
}

export type SearchMode = 'hybrid' | 'vector' | 'keyword';

export interface IndexQuery {
  readonly text: string;
  readonly mode: SearchMode;
  /** Whose private entries are found as well. */
  readonly userId: string;
  readonly kind?: string;
  readonly ownerIds?: readonly string[];
  /** Entries updated in this time, milliseconds since 1970. */
  readonly from?: number;
  readonly to?: number;
  /** Compares every vector even where there is an index; for measuring what the index misses. @default false */
  readonly exact?: boolean;
}
