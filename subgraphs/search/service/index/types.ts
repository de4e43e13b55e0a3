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

export interface IndexHit extends IndexEntry {
  readonly collection: Collection;
  /** Fused score, 0 to 1; ordering only. */
  readonly score: number;
  readonly scores: { readonly vector: number | null; readonly keyword: number | null; readonly fused: number };
}

export type SearchMode = 'hybrid' | 'vector' | 'keyword';

export interface IndexQuery {
  readonly text: string;
  readonly mode: SearchMode;
  readonly limit: number;
  /** Whose private entries are found as well. */
  readonly userId: string;
  readonly kind?: string;
  readonly ownerIds?: readonly string[];
  /** Entries updated in this time, milliseconds since 1970. */
  readonly from?: number;
  readonly to?: number;
}
