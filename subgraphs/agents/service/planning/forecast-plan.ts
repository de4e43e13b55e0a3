import type { PastCall, PlannedCall } from './planner';

const forecast =
  /\b(?:forecast|project|predict|extrapolate)\s+(?:the\s+|our\s+)?(.+?)\s+(?:for|over|in)\s+the\s+(?:next|coming|following)\s+(?:(\d{1,3})\s+)?(day|week|month|quarter|year)s?\b/i;

/** Periods of a season: days of a week, weeks and months of a year. */
const seasons: Readonly<Record<string, number>> = { day: 7, week: 52, month: 12, quarter: 4, year: 1 };

const days: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30.44, quarter: 91.3, year: 365.25 };

export interface ForecastWish {
  readonly what: string;
  readonly horizon: number;
  readonly unit: string;
}

/** "forecast revenue for the next 8 weeks": what, how far, in which steps. */
export function forecastOf(text: string): ForecastWish | null {
  const found = forecast.exec(text);
  if (!found) return null;
  const [span, count] = [found[3]!.toLowerCase(), Number(found[2] ?? 1)];
  const stepped = /^(.+?)\s+(?:by|per|each)\s+(day|week|month|quarter|year)$/i.exec(found[1]!);
  if (!stepped) return { what: found[1]!, horizon: count, unit: span };
  // "by day for the next 8 weeks": steps of a day, as many as eight weeks have.
  const unit = stepped[2]!.toLowerCase();
  return { what: stepped[1]!, horizon: Math.min(1_000, Math.max(1, Math.round((count * days[span]!) / days[unit]!))), unit };
}

interface Rows {
  readonly sql: string;
  readonly source_id: string | null;
  readonly columns: readonly { readonly name: string }[];
}

/** The series is asked for first, so that what is forecast is what a question would have answered. */
export function forecastPlan({ what, horizon, unit }: ForecastWish): (done: readonly PastCall[]) => Omit<PlannedCall, 'callId'> | null {
  return (done) => {
    if (done.length === 0) return { tool: 'ask_data', input: { question: `${what} by ${unit}` } };
    const asked = done[0]!;
    if (done.length > 1 || asked.status !== 'completed') return null;
    const { sql, source_id: source, columns } = asked.output as Rows;
    if (!sql || (columns?.length ?? 0) < 2) return null;
    return {
      tool: 'forecast',
      input: {
        name: `${what} by ${unit}`.slice(0, 200),
        sql,
        source_id: source,
        time_column: columns[0]!.name,
        value_column: columns.at(-1)!.name,
        horizon,
        season: seasons[unit]!,
      },
    };
  };
}
