import type { Catalog } from '../engine';

const words = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(/[?!.]+\s*$/u, '')
    .split(/\s+/u)
    .filter(Boolean);

/** The columns whose stored values hold the text, with the spelling of the cell. */
function cells(catalog: Catalog, text: string): Map<string, string> {
  const wanted = text.toLowerCase();
  const found = new Map<string, string>();
  for (const table of catalog.tables) {
    for (const column of table.columns) {
      const cell = column.values?.find((value) => String(value).toLowerCase() === wanted);
      if (cell !== undefined) found.set(`${table.name}.${column.name}`, String(cell));
    }
  }
  return found;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * The SQL of a verified question for another one that differs from it only in values: a number for a number, a stored value for a
 * stored value of the same column. Null where the questions differ in anything else, or a value does not stand in the SQL exactly once.
 */
export function fillSlots(verified: { question: string; sql: string }, question: string, catalog: Catalog): string | null {
  const [before, after] = [words(verified.question), words(question)];
  if (before.join(' ') === after.join(' ')) return verified.sql;
  const changes = differences(before, after);
  if (!changes) return null;
  let sql = verified.sql;
  for (const { from, to } of changes) {
    const replacement = slot(sql, { from, to, catalog });
    if (replacement === null) return null;
    sql = replacement;
  }
  return sql;
}

/** Runs of words that differ between the same words; null where too much differs to be a value. */
function differences(before: readonly string[], after: readonly string[]): { from: string; to: string }[] | null {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const [from, to] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  if (from.length === 0 || to.length === 0) return null;
  if (from.length === to.length) {
    const changed = from.flatMap((word, index) => (word === to[index] ? [] : [{ from: word, to: to[index]! }]));
    const separate = changed.length < from.length;
    if (separate) return changed;
  }
  return from.length <= 4 && to.length <= 4 ? [{ from: from.join(' '), to: to.join(' ') }] : null;
}

function slot(sql: string, { from, to, catalog }: { from: string; to: string; catalog: Catalog }): string | null {
  if (/^\d+(\.\d+)?$/.test(from) && /^\d+(\.\d+)?$/.test(to))
    return replaceOnce(sql, new RegExp(`(?<![\\w.'])${from.replace('.', '\\.')}(?![\\w.'])`, 'g'), to);
  const [old, wanted] = [cells(catalog, from), cells(catalog, to)];
  for (const [column, cell] of old) {
    const next = wanted.get(column);
    if (next === undefined) continue;
    const literal = new RegExp(quoted(cell).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'g');
    const replaced = replaceOnce(sql, literal, quoted(next));
    if (replaced !== null) return replaced;
  }
  return null;
}

const replaceOnce = (sql: string, pattern: RegExp, replacement: string): string | null =>
  [...sql.matchAll(pattern)].length === 1 ? sql.replace(pattern, () => replacement) : null;
