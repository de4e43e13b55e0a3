export const insightKinds = ['trend', 'change', 'seasonality', 'outlier', 'contributor', 'concentration', 'decomposition'] as const;
export type InsightKind = (typeof insightKinds)[number];

/** One statement about the data with the numbers that it rests on. */
export interface Insight {
  readonly kind: InsightKind;
  readonly text: string;
  /** 0–1, for the order in which to tell them. */
  readonly importance: number;
  /** The numbers behind the text. */
  readonly evidence: Readonly<Record<string, unknown>>;
  /** The statements whose rows were read. */
  readonly sql: readonly string[];
}

/** A series in time order. */
export interface Series {
  readonly name: string;
  readonly points: readonly SeriesPoint[];
}

export interface SeriesPoint {
  readonly at: string;
  readonly value: number;
}
