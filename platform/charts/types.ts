/** A column of a result: its name and the engine's type name (`BIGINT`, `DECIMAL(18,2)`, `timestamp`, …). */
export interface ChartColumn {
  readonly name: string;
  readonly type: string;
}

export const chartTypes = [
  'bar_chart',
  'line_chart',
  'area_chart',
  'pie_chart',
  'scatter_plot',
  'heatmap',
  'histogram',
  'map',
  'table',
  'metric',
] as const;
export type ChartType = (typeof chartTypes)[number];

/** What the reader wants to see; null where only the shape of the data decides. */
export type ChartIntent = 'trend' | 'ranking' | 'comparison' | 'share' | 'distribution' | 'relationship';

export interface ChartRequest {
  readonly columns: readonly ChartColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly intent?: ChartIntent | null;
  /** Asks for this type; where the data cannot carry it the choice falls back and `reason` says so. */
  readonly type?: ChartType | null;
  readonly title?: string;
}

export interface RankedChart {
  readonly type: ChartType;
  /** 0–1: how well the type fits these data. */
  readonly score: number;
  readonly reason: string;
}

/** A Vega-Lite v5 specification, data included. */
export type VegaLiteSpec = Readonly<Record<string, unknown>>;

export interface Chart {
  readonly type: ChartType;
  readonly xAxis: string | null;
  readonly yAxis: string | null;
  /** Null for a table, which Vega-Lite does not draw. */
  readonly spec: VegaLiteSpec | null;
  readonly reason: string;
  readonly altText: string;
  /** Other types that these data can carry, best first. */
  readonly alternatives: readonly RankedChart[];
}
