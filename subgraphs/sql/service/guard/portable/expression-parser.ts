import { UnreadableSql, type Expression } from '../ir';
import { listUntil, startsQuery, type QueryParsing } from './parsing';
import { parsePrimary } from './primary-parser';
import { typeName } from './type-name';

const maxDepth = 200;

const comparisons: Readonly<Record<string, string>> = {
  '=': '=',
  '==': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** Precedence climbing: or, and, not, comparison, ||, + −, * / %, unary −, access. */
export function parseExpression(parsing: QueryParsing): Expression {
  parsing.depth += 1;
  if (parsing.depth > maxDepth) throw new UnreadableSql('the statement is nested too deeply', 'security_violation');
  try {
    return disjunction(parsing);
  } finally {
    parsing.depth -= 1;
  }
}

function chain(parsing: QueryParsing, word: string, part: (parsing: QueryParsing) => Expression): Expression {
  const parts = [part(parsing)];
  const at = parsing.cursor.token.at;
  while (parsing.cursor.takeWord(word)) parts.push(part(parsing));
  return parts.length === 1 ? parts[0]! : { kind: 'operator', name: word, arguments: parts, at };
}

const disjunction = (parsing: QueryParsing): Expression => chain(parsing, 'or', conjunction);
const conjunction = (parsing: QueryParsing): Expression => chain(parsing, 'and', negation);

function negation(parsing: QueryParsing): Expression {
  const { cursor } = parsing;
  const { at } = cursor.token;
  let negations = 0;
  while (cursor.takeWord('not')) negations += 1;
  const inner = comparison(parsing);
  // NOT NOT x is x, and twenty of them are no deeper than one.
  return negations % 2 === 0 ? inner : { kind: 'operator', name: 'not', arguments: [inner], at };
}

function comparison(parsing: QueryParsing): Expression {
  const { cursor } = parsing;
  let left = parseOperand(parsing);
  for (;;) {
    const { at, kind, text } = cursor.token;
    const symbol = kind === 'symbol' ? comparisons[text] : undefined;
    if (symbol) {
      cursor.next();
      left = quantified(parsing, { left, operator: symbol, at });
    } else if (cursor.isWord('is')) left = isTest(parsing, left);
    else if (cursor.isWord('in') || cursor.isWord('not', 'in')) left = inList(parsing, left);
    else if (cursor.isWord('between') || cursor.isWord('not', 'between')) left = between(parsing, left);
    else if (['like', 'ilike', 'glob'].some((word) => cursor.isWord(word) || cursor.isWord('not', word))) left = like(parsing, left);
    else return left;
  }
}

function quantified(parsing: QueryParsing, { left, operator, at }: { left: Expression; operator: string; at: number }): Expression {
  const { cursor } = parsing;
  const use = cursor.isWord('all') ? 'all' : cursor.isWord('any') || cursor.isWord('some') ? 'any' : undefined;
  if (!use || !cursor.isSymbol('(', 1)) return { kind: 'operator', name: operator, arguments: [left, parseOperand(parsing)], at };
  cursor.next();
  cursor.expectSymbol('(');
  const query = parsing.query();
  cursor.expectSymbol(')');
  return { kind: 'subquery', use, query, argument: left, operator };
}

function isTest(parsing: QueryParsing, left: Expression): Expression {
  const { cursor } = parsing;
  const { at } = cursor.next();
  const not = cursor.takeWord('not') ? 'not ' : '';
  if (cursor.takeWord('null')) return { kind: 'operator', name: `is ${not}null`, arguments: [left], at };
  if (cursor.takeWord('true')) return { kind: 'operator', name: `is ${not}true`, arguments: [left], at };
  if (cursor.takeWord('false')) return { kind: 'operator', name: `is ${not}false`, arguments: [left], at };
  if (cursor.takeWord('distinct', 'from'))
    return { kind: 'operator', name: `is ${not}distinct from`, arguments: [left, parseOperand(parsing)], at };
  return cursor.fail('NULL, TRUE, FALSE or DISTINCT FROM is expected');
}

function inList(parsing: QueryParsing, left: Expression): Expression {
  const { cursor } = parsing;
  const { at } = cursor.token;
  const negated = cursor.takeWord('not');
  cursor.expectWord('in');
  cursor.expectSymbol('(');
  if (startsQuery(cursor)) {
    const query = parsing.query();
    cursor.expectSymbol(')');
    const found: Expression = { kind: 'subquery', use: 'any', query, argument: left, operator: '=' };
    return negated ? { kind: 'operator', name: 'not', arguments: [found], at } : found;
  }
  const values = listUntil(parsing, ')');
  return { kind: 'operator', name: negated ? 'not in' : 'in', arguments: [left, ...values], at };
}

function between(parsing: QueryParsing, left: Expression): Expression {
  const { cursor } = parsing;
  const { at } = cursor.token;
  const negated = cursor.takeWord('not');
  cursor.expectWord('between');
  const low = parseOperand(parsing);
  cursor.expectWord('and');
  const found: Expression = { kind: 'operator', name: 'between', arguments: [left, low, parseOperand(parsing)], at };
  return negated ? { kind: 'operator', name: 'not', arguments: [found], at } : found;
}

function like(parsing: QueryParsing, left: Expression): Expression {
  const { cursor } = parsing;
  const { at } = cursor.token;
  const not = cursor.takeWord('not') ? 'not ' : '';
  const word = cursor.next().text.toLowerCase();
  const pattern = parseOperand(parsing);
  const escape = cursor.takeWord('escape') ? [parseOperand(parsing)] : [];
  return { kind: 'operator', name: `${not}${word}`, arguments: [left, pattern, ...escape], at };
}

function binary(parsing: QueryParsing, operators: readonly string[], part: (parsing: QueryParsing) => Expression): Expression {
  const { cursor } = parsing;
  let left = part(parsing);
  let count = 0;
  while (cursor.token.kind === 'symbol' && operators.includes(cursor.token.text)) {
    const { text, at } = cursor.next();
    // Chains lean to the left, one level each.
    if ((count += 1) > maxDepth) throw new UnreadableSql('the statement is nested too deeply', 'security_violation');
    left = { kind: 'operator', name: text, arguments: [left, part(parsing)], at };
  }
  return left;
}

/** Down to + and −. */
export const parseOperand = (parsing: QueryParsing): Expression => binary(parsing, ['+', '-', '||'], product);
const product = (parsing: QueryParsing): Expression => binary(parsing, ['*', '/', '%'], unary);

function unary(parsing: QueryParsing): Expression {
  const { cursor } = parsing;
  const { at } = cursor.token;
  if (cursor.takeSymbol('+')) return unary(parsing);
  if (!cursor.takeSymbol('-')) return access(parsing);
  parsing.depth += 1;
  if (parsing.depth > maxDepth) throw new UnreadableSql('the statement is nested too deeply', 'security_violation');
  const inner = unary(parsing);
  parsing.depth -= 1;
  if (inner.kind === 'constant' && typeof inner.value === 'number') return { ...inner, value: -inner.value };
  return { kind: 'operator', name: '-', arguments: [inner], at };
}

function access(parsing: QueryParsing): Expression {
  const { cursor } = parsing;
  let value = parsePrimary(parsing);
  for (;;) {
    const { at } = cursor.token;
    if (cursor.takeSymbol('::')) value = { kind: 'cast', argument: value, type: typeName(cursor), safe: false };
    else if (cursor.takeSymbol('[')) {
      value = { kind: 'operator', name: '[]', arguments: [value, parsing.expression()], at };
      cursor.expectSymbol(']');
    } else if (cursor.isSymbol('->') || cursor.isSymbol('->>')) {
      value = { kind: 'operator', name: cursor.next().text, arguments: [value, parsePrimary(parsing)], at };
    } else return value;
  }
}
