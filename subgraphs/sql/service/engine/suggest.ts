/** Questions that this source can answer, made from its own names. */
import { spoken } from './explain/phrases';
import type { Schema, SchemaColumn, SchemaTable } from './schema/types';

export interface Suggestion {
  question: string;
  tables: string[];
}

export function suggest(schema: Schema, prefix: string, limit: number): Suggestion[] {
  const all = [...metricQuestions(schema), ...tableQuestions(schema)];
  const typed = prefix.trim().toLowerCase();
  const words = typed.split(/\s+/).filter((word) => word.length > 2);
  const points = ({ question }: Suggestion): number => {
    const lower = question.toLowerCase();
    if (typed === '' || lower.startsWith(typed)) return 2;
    return words.length === 0 ? 0 : words.filter((word) => lower.includes(word)).length / words.length;
  };
  const scored = all.map((suggestion, i) => ({ suggestion, i, points: points(suggestion) })).filter((item) => item.points > 0);
  scored.sort((a, b) => b.points - a.points || a.i - b.i);
  const seen = new Set<string>();
  return scored
    .flatMap(({ suggestion }) => (seen.has(suggestion.question) || !seen.add(suggestion.question) ? [] : [suggestion]))
    .slice(0, limit);
}

function metricQuestions(schema: Schema): Suggestion[] {
  const dimensions = schema.columns.filter(
    (column) =>
      column.isText &&
      !column.isId &&
      !column.hidden &&
      column !== column.table.title &&
      (column.source.distinctCount ?? 99) <= 30 &&
      (column.source.distinctCount ?? 0) > 1,
  );
  return schema.model.metrics.flatMap((metric, i) => {
    const name = (metric.label ?? spoken(metric.name)).toLowerCase();
    const tables = schema.tables
      .filter((table) => metric.expression.includes(`${table.name}.`) || metric.expression.includes(`(${table.name})`))
      .map((table) => table.name);
    // The newest year that the data has: "last quarter" may lie long after its last row.
    const year = newestYear(schema.tables.filter((table) => tables.length === 0 || tables.includes(table.name)));
    const counts = /^count\(/i.test(metric.expression);
    const by = dimensions.length > 0 ? dimensions[i % dimensions.length]! : undefined;
    return [
      { question: `${capital(name)} by month`, tables },
      ...(by ? [{ question: `${capital(name)} by ${spoken(by.name)}`, tables: [...new Set([...tables, by.table.name])] }] : []),
      ...(year ? [{ question: counts ? `How many ${name} were there in ${year}?` : `${capital(name)} in ${year}`, tables }] : []),
    ];
  });
}

function newestYear(tables: readonly SchemaTable[]): string | undefined {
  const ends = tables.flatMap((table) => (table.time?.source.max ? [String(table.time.source.max)] : []));
  return /^\d{4}/.exec(ends.sort().at(-1) ?? '')?.[0];
}

function tableQuestions(schema: Schema): Suggestion[] {
  return schema.tables
    .filter((table) => !table.hidden && !table.bridge)
    .flatMap((table) => {
      const name = spoken(table.name);
      const measure = table.columns.find((column) => column.isNumeric && !column.isId && !column.isKey);
      const group = table.columns.find((column) => groupable(column, table));
      return [
        { question: `How many ${name} are there?`, tables: [table.name] },
        ...(group ? [{ question: `Number of ${name} by ${spoken(group.name)}`, tables: [table.name] }] : []),
        ...(measure && group ? [{ question: `Average ${spoken(measure.name)} by ${spoken(group.name)}`, tables: [table.name] }] : []),
        ...(table.time ? [{ question: `Number of ${name} by month`, tables: [table.name] }] : []),
      ];
    });
}

const groupable = (column: SchemaColumn, table: SchemaTable): boolean =>
  column.isText && !column.isKey && column !== table.title && (column.source.distinctCount ?? 99) <= 100;
const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
