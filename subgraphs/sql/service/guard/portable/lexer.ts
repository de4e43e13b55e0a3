import type { Dialect } from '../../engine/catalog';
import { UnreadableSql } from '../ir';
import { lexicalOf } from './lexical';

export interface Token {
  /** `name` is a quoted name, `word` an unquoted one. */
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'symbol' | 'parameter' | 'end';
  readonly text: string;
  readonly at: number;
}

const symbols = [
  '->>',
  '->',
  '||',
  '::',
  '<>',
  '!=',
  '<=',
  '>=',
  '==',
  '=>',
  '(',
  ')',
  '[',
  ']',
  ',',
  '.',
  '+',
  '-',
  '*',
  '/',
  '%',
  '=',
  '<',
  '>',
  ';',
];
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"', '%': '\\%', _: '\\_' };

const wordStart = /[\p{L}_]/u;
const wordPart = /[\p{L}\p{N}_$]/u;

/**
 * Cuts a statement into tokens. What it does not know is an error, not a guess: hints and version comments, escapes beyond the common
 * ones, prefixes of text (`x'…'`, `N'…'`), exotic spaces.
 */
export function tokenize(sql: string, dialect: Dialect): Token[] {
  const { names, texts, backslash } = lexicalOf[dialect];
  const tokens: Token[] = [];
  let at = 0;
  const fail = (message: string, place = at): never => {
    throw new UnreadableSql(message, 'syntax_error', place);
  };

  const quoted = (mark: string, escaping: boolean): string => {
    const start = at;
    let text = '';
    at += 1;
    for (;;) {
      if (at >= sql.length) fail(`${mark === "'" ? 'text' : 'a quoted name'} is not closed`, start);
      const character = sql[at]!;
      if (character === mark) {
        if (sql[at + 1] !== mark) break;
        text += mark;
        at += 2;
      } else if (character === '\\' && escaping) {
        const meant = escapes[sql[at + 1] ?? ''];
        if (meant === undefined) fail(`the escape \\${sql[at + 1] ?? ''} is not supported`);
        text += meant;
        at += 2;
      } else {
        text += character;
        at += 1;
      }
    }
    at += 1;
    // `'a' 'b'` is one text to some engines and an error to others; a word right after a text is a mistake or a trick.
    if (wordStart.test(sql[at] ?? '')) fail('a space is missing after a quote');
    return text;
  };

  while (at < sql.length) {
    const character = sql[at]!;
    const rest = sql.slice(at, at + 3);
    if (/[ \t\r\n]/.test(character)) {
      at += 1;
    } else if (rest.startsWith('--')) {
      const end = sql.indexOf('\n', at);
      at = end < 0 ? sql.length : end;
    } else if (rest.startsWith('/*')) {
      if (/^\/\*M?[!+]/.test(sql.slice(at, at + 4)))
        throw new UnreadableSql('hints and version comments are not allowed', 'security_violation', at);
      const end = sql.indexOf('*/', at + 2);
      if (end < 0) fail('a comment is not closed');
      if (sql.slice(at + 2, end).includes('/*'))
        throw new UnreadableSql('comments inside comments are not allowed', 'security_violation', at);
      at = end + 2;
    } else if ((texts as readonly string[]).includes(character)) {
      const start = at;
      tokens.push({ kind: 'text', text: quoted(character, backslash), at: start });
    } else if ((names as readonly string[]).includes(character)) {
      const start = at;
      tokens.push({ kind: 'name', text: quoted(character, false), at: start });
    } else if (/\d/.test(character) || (character === '.' && /\d/.test(sql[at + 1] ?? ''))) {
      const [number] = /^(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?/.exec(sql.slice(at))!;
      if (wordStart.test(sql[at + number.length] ?? '')) fail('a number is followed by letters');
      tokens.push({ kind: 'number', text: number, at });
      at += number.length;
    } else if (
      (character === '$' || character === ':') &&
      wordStart.test(sql[at + 1] ?? '') &&
      !(character === ':' && sql[at - 1] === ':')
    ) {
      const [name] = /^[A-Za-z_]\w*/.exec(sql.slice(at + 1)) ?? fail('a parameter has a plain name');
      tokens.push({ kind: 'parameter', text: name!, at });
      at += 1 + name!.length;
    } else if (wordStart.test(character)) {
      const start = at;
      while (at < sql.length && wordPart.test(sql[at]!)) at += 1;
      if (sql[at] === "'" || sql[at] === '"') fail('a prefix of text is not supported');
      tokens.push({ kind: 'word', text: sql.slice(start, at), at: start });
    } else {
      const symbol = symbols.find((known) => rest.startsWith(known));
      if (symbol === undefined) fail(`the character ${JSON.stringify(character)} is not expected here`);
      tokens.push({ kind: 'symbol', text: symbol!, at });
      at += symbol!.length;
    }
  }
  tokens.push({ kind: 'end', text: '', at: sql.length });
  return tokens;
}
