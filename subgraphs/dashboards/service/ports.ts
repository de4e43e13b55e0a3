import type { Caller } from '#platform/auth';

export interface WidgetQuery {
  readonly sql?: string | null;
  readonly question?: string | null;
  /** By its name in the source's semantic model. */
  readonly metric?: string | null;
  readonly sourceId?: string | null;
  /** Of a statement; filters that name one take its place. */
  readonly parameters?: Readonly<Record<string, string | number | boolean | null>> | null;
  readonly filters: readonly { readonly field: string; readonly operator: string; readonly values: readonly unknown[] }[];
  readonly maxRows: number;
  readonly refresh: boolean;
}

export interface WidgetColumn {
  readonly name: string;
  readonly type: string;
  readonly kind: string;
}

export interface WidgetRows {
  readonly queryId: string | null;
  readonly sourceId: string | null;
  readonly sql: string | null;
  readonly columns: readonly WidgetColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly cacheHit: boolean;
  readonly warnings: readonly string[];
}

/** The sql domain: runs a widget's statement or question with filters compiled in. Failures are errors of the catalogue. */
export interface QueryRunner {
  run(caller: Caller, query: WidgetQuery, signal?: AbortSignal): Promise<WidgetRows>;
  /** Many, in their order; a failure is its own. Queries that read the same rows may run as one, and then have one `queryId`. */
  runAll(caller: Caller, queries: readonly WidgetQuery[]): Promise<(WidgetRows | Error)[]>;
  /** Source → a text that changes when its data, its model or its row policies do. */
  versions(caller: Caller): Promise<ReadonlyMap<string, string>>;
  /** What a source can be asked, for templates: its metrics and dimensions, the most telling first, without personal data. */
  describe(caller: Caller, sourceId: string): Promise<SourceOutline>;
  /** Questions that a source answers, best first. */
  suggest(caller: Caller, sourceId: string, limit: number): Promise<readonly string[]>;
}

export interface SourceOutline {
  readonly id: string;
  readonly name: string;
  readonly metrics: readonly string[];
  readonly dimensions: readonly string[];
  readonly hasTime: boolean;
}
