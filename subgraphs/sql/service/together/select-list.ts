export interface SelectList {
  /** Each as it is written, with its heading. */
  readonly items: readonly string[];
  /** FROM and all that follows it. */
  readonly rest: string;
}

/** GROUP BY or ORDER BY a column's number, which another select list would change the meaning of. */
const byPlace = /(?:BY|,)\s+\d+(?:\s+(?:ASC|DESC))?(?:\s+NULLS \w+)?\s*(?:,|\n|\)|$)/;

/**
 * The outermost select list of a statement that the renderer wrote: items apart, clauses on lines of their own. Null where it cannot be
 * told for certain; a backslash may be an escape in one dialect and a sign in another, so a statement with one is not read at all.
 */
export function splitSelect(sql: string): SelectList | null {
  const start = 'SELECT ';
  if (!sql.startsWith(start) || sql.startsWith('SELECT DISTINCT') || sql.includes('\\')) return null;
  const items: string[] = [];
  let [depth, from, quote] = [0, start.length, ''];
  for (let at = from; at < sql.length; at += 1) {
    const sign = sql[at]!;
    if (quote) {
      // A doubled quote ends and begins again, which comes to the same.
      if (sign === quote) quote = '';
    } else if (sign === "'" || sign === '"' || sign === '`') quote = sign;
    else if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    else if (depth === 0 && sign === ',') {
      items.push(sql.slice(from, at).trim());
      from = at + 1;
    } else if (depth === 0 && sql.startsWith('\nFROM ', at)) {
      items.push(sql.slice(from, at).trim());
      const rest = sql.slice(at);
      return byPlace.test(rest) ? null : { items, rest };
    }
  }
  return null;
}

/** The heading that the engine gives an item: what follows AS, else the column's own name. */
export function headingOf(item: string): string | null {
  const name = /(?:^|\.|\sAS )("(?:[^"]|"")+"|`[^`]+`|\w+)$/.exec(item)?.[1];
  return name === undefined ? null : name.replace(/^["`]|["`]$/g, '').toLowerCase();
}

/** An item without its heading. */
export const expressionOf = (item: string): string => item.replace(/\sAS ("(?:[^"]|"")+"|`[^`]+`|\w+)$/, '');
