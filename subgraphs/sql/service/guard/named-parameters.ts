import { UnreadableSql } from './ir';

export interface NumberedSql {
  readonly text: string;
  /** The name behind `$1`, behind `$2` … */
  readonly names: readonly string[];
}

// Strings, quoted names and comments pass as they are; what is left of a `$` is a parameter. Comments nest in PostgreSQL: an inner
// opening is refused rather than counted.
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*(?:(?!\/\*)[\s\S])*?\*\/|\$([A-Za-z_]\w*)(\$?)|\$\d+/g;

/** `$name` becomes `$1`: PostgreSQL knows numbers only. The result goes to the real parser, so that a misreading here can only fail. */
export function namedToNumbered(sql: string): NumberedSql {
  const names: string[] = [];
  const text = sql.replace(tokens, (token, name: string | undefined, closing: string | undefined) => {
    if (closing === '$') throw new UnreadableSql('dollar-quoted text is not supported', 'security_violation');
    if (/^\$\d/.test(token)) throw new UnreadableSql('parameters are written by name: $name', 'syntax_error');
    if (name === undefined) return token;
    if (!names.includes(name)) names.push(name);
    // As long as it was, so that the places of errors stay right.
    return `$${names.indexOf(name) + 1}`.padEnd(token.length);
  });
  return { text, names };
}
