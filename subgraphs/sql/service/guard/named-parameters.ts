import { UnreadableSql } from './ir';

// Text, quoted names and comments pass as they are; what is left of a `$` is a parameter. Comments nest in PostgreSQL: an inner opening
// is refused by the parsers rather than counted here.
const skipped = {
  standard: `'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\\n]*|/\\*[\\s\\S]*?\\*/`,
  backslash: `'(?:[^'\\\\]|''|\\\\[\\s\\S])*'|"(?:[^"]|"")*"|\`(?:[^\`]|\`\`)*\``,
} as const;

export type Quoting = keyof typeof skipped;

/** Writes each `$name` of a statement in another way; text and quoted names stay as they are. */
export function replaceParameters(sql: string, quoting: Quoting, write: (name: string, token: string) => string): string {
  const tokens = new RegExp(`${skipped[quoting]}|\\$([A-Za-z_]\\w*)(\\$?)|\\$\\d+`, 'g');
  return sql.replace(tokens, (token: string, name: string | undefined, closing: string | undefined) => {
    if (closing === '$') throw new UnreadableSql('dollar-quoted text is not supported', 'security_violation');
    if (/^\$\d/.test(token)) return write('', token);
    return name === undefined ? token : write(name, token);
  });
}

export interface NumberedSql {
  readonly text: string;
  /** The name behind `$1`, behind `$2` … */
  readonly names: readonly string[];
}

/** `$name` becomes `$1`: PostgreSQL knows numbers only. The result goes to the real parser, so that a misreading here can only fail. */
export function namedToNumbered(sql: string): NumberedSql {
  const names: string[] = [];
  const text = replaceParameters(sql, 'standard', (name, token) => {
    if (name === '') throw new UnreadableSql('parameters are written by name: $name', 'syntax_error');
    if (!names.includes(name)) names.push(name);
    // As long as it was, so that the places of errors stay right.
    return `$${names.indexOf(name) + 1}`.padEnd(token.length);
  });
  return { text, names };
}

export const numberedToNamed = (sql: string, names: readonly string[]): string =>
  replaceParameters(sql, 'standard', (_, token) => `$${names[Number(token.slice(1)) - 1] ?? 'unknown'}`);
