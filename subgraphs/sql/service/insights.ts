import type { QueryResult } from './sandbox';

const format = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 2 });

/** What stands out in a result, each sentence computed from its rows: the largest and smallest of a list, the share of the first. */
export function insightsOf({ columns, rows, truncated }: QueryResult): string[] {
  const measure = columns.findIndex(({ kind }, index) => index > 0 && (kind === 'integer' || kind === 'number'));
  if (measure < 0 || rows.length < 3) return [];
  const pairs = rows.map((row) => ({ label: String(row[0]), value: Number(row[measure]) })).filter(({ value }) => Number.isFinite(value));
  if (pairs.length < 3) return [];
  const sorted = [...pairs].sort((a, b) => b.value - a.value);
  const [highest, lowest] = [sorted[0]!, sorted.at(-1)!];
  const name = columns[measure]!.name;
  const insights = [
    `${name} is highest for ${highest.label} (${format(highest.value)}) and lowest for ${lowest.label} (${format(lowest.value)}).`,
  ];
  const total = pairs.reduce((sum, { value }) => sum + value, 0);
  const additive = !truncated && lowest.value >= 0 && total > 0 && !/avg|average|mean|rate|share|median|percent|ratio/i.test(name);
  if (additive) insights.push(`${highest.label} is ${format((100 * highest.value) / total)} % of the ${format(total)} shown.`);
  return insights;
}
