import { UnreadableSql, type Call, type Expression, type FrameBound, type Order, type Query, type Window } from '../ir';
import type { Cursor } from './cursor';
import { afterExpression, clauseWords, intervalUnits, isTypeName, plainFunctions } from './words';

/** What expressions need from the parser of whole queries. */
export interface QueryParsing {
  readonly cursor: Cursor;
  query(): Query;
  windows: ReadonlyMap<string, Window>;
  readonly parameters: string[];
  depth: number;
}

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
  let left = sum(parsing);
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
  if (!use || !cursor.isSymbol('(', 1)) return { kind: 'operator', name: operator, arguments: [left, sum(parsing)], at };
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
  if (cursor.takeWord('distinct', 'from')) return { kind: 'operator', name: `is ${not}distinct from`, arguments: [left, sum(parsing)], at };
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
  const low = sum(parsing);
  cursor.expectWord('and');
  const found: Expression = { kind: 'operator', name: 'between', arguments: [left, low, sum(parsing)], at };
  return negated ? { kind: 'operator', name: 'not', arguments: [found], at } : found;
}

function like(parsing: QueryParsing, left: Expression): Expression {
  const { cursor } = parsing;
  const { at } = cursor.token;
  const not = cursor.takeWord('not') ? 'not ' : '';
  const word = cursor.next().text.toLowerCase();
  const pattern = sum(parsing);
  const escape = cursor.takeWord('escape') ? [sum(parsing)] : [];
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

const sum = (parsing: QueryParsing): Expression => binary(parsing, ['+', '-', '||'], product);
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
  let value = primary(parsing);
  for (;;) {
    const { at } = cursor.token;
    if (cursor.takeSymbol('::')) value = { kind: 'cast', argument: value, type: typeName(cursor), safe: false };
    else if (cursor.takeSymbol('[')) {
      value = { kind: 'operator', name: '[]', arguments: [value, parseExpression(parsing)], at };
      cursor.expectSymbol(']');
    } else if (cursor.isSymbol('->') || cursor.isSymbol('->>')) {
      value = { kind: 'operator', name: cursor.next().text, arguments: [value, primary(parsing)], at };
    } else return value;
  }
}

export function listUntil(parsing: QueryParsing, closing: string): Expression[] {
  const { cursor } = parsing;
  const items: Expression[] = [];
  if (cursor.takeSymbol(closing)) return items;
  do items.push(parseExpression(parsing));
  while (cursor.takeSymbol(','));
  cursor.expectSymbol(closing);
  return items;
}

export const startsQuery = (cursor: Cursor): boolean => cursor.isWord('select') || cursor.isWord('with') || cursor.isWord('values');

function primary(parsing: QueryParsing): Expression {
  const { cursor } = parsing;
  const { token } = cursor;
  switch (token.kind) {
    case 'number':
      cursor.next();
      return { kind: 'constant', value: Number(token.text), at: token.at };
    case 'text':
      cursor.next();
      if (cursor.token.kind === 'text') cursor.fail('texts beside each other are not joined here; write ||');
      return { kind: 'constant', value: token.text, at: token.at };
    case 'parameter':
      cursor.next();
      if (!parsing.parameters.includes(token.text)) parsing.parameters.push(token.text);
      return { kind: 'parameter', name: token.text };
    case 'symbol':
      return bracketed(parsing);
    case 'word':
      return word(parsing);
    case 'name':
      return arrowed(parsing) ?? reference(parsing);
    default:
      return cursor.fail('an expression is expected');
  }
}

function bracketed(parsing: QueryParsing): Expression {
  const { cursor } = parsing;
  const { at } = cursor.token;
  if (cursor.takeSymbol('*')) return { kind: 'star', at };
  if (cursor.takeSymbol('[')) return { kind: 'operator', name: 'array', arguments: listUntil(parsing, ']'), at };
  cursor.expectSymbol('(');
  if (startsQuery(cursor)) {
    const query = parsing.query();
    cursor.expectSymbol(')');
    return { kind: 'subquery', use: 'scalar', query };
  }
  const items = listUntil(parsing, ')');
  if (cursor.isSymbol('->') && items.every((item) => item.kind === 'column' && item.path.length === 1)) return lambda(parsing, items);
  if (items.length === 0) cursor.fail('an expression is expected');
  return items.length === 1 ? items[0]! : { kind: 'call', name: 'row', arguments: items, at };
}

function lambda(parsing: QueryParsing, names: readonly Expression[]): Expression {
  parsing.cursor.expectSymbol('->');
  return { kind: 'lambda', parameters: names.map((name) => (name.kind === 'column' ? name.path[0]! : '')), body: parseExpression(parsing) };
}

function word(parsing: QueryParsing): Expression {
  const { cursor } = parsing;
  const { at, text } = cursor.token;
  const lower = text.toLowerCase();
  switch (lower) {
    case 'null':
      cursor.next();
      return { kind: 'constant', value: null, at };
    case 'true':
    case 'false':
      cursor.next();
      return { kind: 'constant', value: lower === 'true', at };
    case 'case':
      return caseExpression(parsing);
    case 'exists':
      cursor.next();
      cursor.expectSymbol('(');
      return exists(parsing);
    case 'interval':
      if (!cursor.isSymbol('(', 1) && !cursor.isSymbol('.', 1)) return interval(parsing);
      break;
    case 'date':
    case 'timestamp':
    case 'time':
      if (cursor.peek().kind !== 'text') break;
      cursor.next();
      return { kind: 'cast', argument: { kind: 'constant', value: cursor.next().text, at }, type: lower.toUpperCase(), safe: false };
    case 'array':
      if (!cursor.isSymbol('[', 1)) break;
      cursor.next();
      cursor.next();
      return { kind: 'operator', name: 'array', arguments: listUntil(parsing, ']'), at };
    default:
  }
  if (clauseWords.has(lower)) cursor.fail('an expression is expected');
  return arrowed(parsing) ?? reference(parsing);
}

/** `x -> x + 1` in a function's arguments, against `document -> '$.path'`. */
function arrowed(parsing: QueryParsing): Expression | undefined {
  const { cursor } = parsing;
  if (!cursor.isSymbol('->', 1) || cursor.peek(2).kind === 'text' || cursor.peek(2).kind === 'number') return undefined;
  return lambda(parsing, [{ kind: 'column', path: [cursor.next().text] }]);
}

function exists(parsing: QueryParsing): Expression {
  const query = parsing.query();
  parsing.cursor.expectSymbol(')');
  return { kind: 'subquery', use: 'exists', query };
}

function caseExpression(parsing: QueryParsing): Expression {
  const { cursor } = parsing;
  cursor.expectWord('case');
  const subject = cursor.isWord('when') ? undefined : parseExpression(parsing);
  const branches: { when: Expression; then: Expression }[] = [];
  while (cursor.takeWord('when')) {
    const when = parseExpression(parsing);
    cursor.expectWord('then');
    branches.push({ when: subject ? { kind: 'operator', name: '=', arguments: [subject, when] } : when, then: parseExpression(parsing) });
  }
  if (branches.length === 0) cursor.fail('WHEN is expected');
  const otherwise = cursor.takeWord('else') ? parseExpression(parsing) : undefined;
  cursor.expectWord('end');
  return { kind: 'case', branches, otherwise };
}

function interval(parsing: QueryParsing): Expression {
  const { cursor } = parsing;
  cursor.expectWord('interval');
  if (cursor.token.kind === 'text' && /^-?\d+ [a-z]+$/i.test(cursor.token.text)) {
    const [amount, unit] = cursor.next().text.split(' ');
    return { kind: 'interval', amount: { kind: 'constant', value: Number(amount) }, unit: unitName(cursor, unit!) };
  }
  const amount =
    cursor.token.kind === 'text' && /^-?\d+$/.test(cursor.token.text)
      ? ({ kind: 'constant', value: Number(cursor.next().text) } as const)
      : sum(parsing);
  return { kind: 'interval', amount, unit: unitName(cursor, cursor.name()) };
}

function unitName(cursor: Cursor, text: string): string {
  const unit = text.toLowerCase().replace(/s$/, '');
  return intervalUnits.has(unit) ? unit : cursor.fail('a unit such as DAY or MONTH is expected');
}

export function typeName(cursor: Cursor): string {
  const words = [cursor.name().toUpperCase()];
  while (
    cursor.isWord('precision') ||
    cursor.isWord('varying') ||
    cursor.isWord('unsigned') ||
    cursor.isWord('signed') ||
    cursor.isWord('with', 'time', 'zone') ||
    cursor.isWord('without', 'time', 'zone')
  ) {
    words.push(cursor.next().text.toUpperCase());
    if (words.at(-1) === 'WITH' || words.at(-1) === 'WITHOUT')
      words.push(cursor.next().text.toUpperCase(), cursor.next().text.toUpperCase());
  }
  const base = words.join(' ');
  if (!isTypeName(base)) throw new UnreadableSql(`the type ${base} is not supported`, 'syntax_error', cursor.token.at);
  if (!cursor.takeSymbol('(')) return base;
  const sizes: string[] = [];
  do {
    if (cursor.token.kind === 'number') sizes.push(String(Number(cursor.next().text)));
    else sizes.push(typeName(cursor));
  } while (cursor.takeSymbol(','));
  cursor.expectSymbol(')');
  return `${base}(${sizes.join(', ')})`;
}

function reference(parsing: QueryParsing): Expression {
  const { cursor } = parsing;
  const { at, kind } = cursor.token;
  const path = [cursor.name()];
  if (kind === 'word' && cursor.isSymbol('(')) return call(parsing, { name: path[0]!, at });
  while (cursor.takeSymbol('.')) {
    if (cursor.takeSymbol('*')) return { kind: 'star', table: path.at(-1), at };
    path.push(cursor.name());
  }
  if (cursor.isSymbol('(')) throw new UnreadableSql('functions of a schema are not allowed', 'security_violation', at);
  return { kind: 'column', path, at };
}

function call(parsing: QueryParsing, { name, at }: { name: string; at: number }): Expression {
  const { cursor } = parsing;
  const lower = name.toLowerCase();
  cursor.expectSymbol('(');
  if (lower === 'cast' || lower === 'try_cast' || lower === 'safe_cast') return cast(parsing, lower !== 'cast');
  if (lower === 'extract') return extract(parsing, at);
  if (plainFunctions.has(lower) && cursor.isSymbol(')')) {
    cursor.next();
    return { kind: 'call', name: lower, arguments: [], at };
  }
  let found: { -readonly [Key in keyof Call]: Call[Key] } = { kind: 'call', name: lower, arguments: [], at };
  if (cursor.isSymbol('*') && cursor.isSymbol(')', 1)) {
    cursor.next();
    cursor.next();
    found.star = true;
  } else {
    if (cursor.takeWord('distinct')) found.distinct = true;
    else cursor.takeWord('all');
    found = { ...found, ...callArguments(parsing, lower) };
  }
  if (cursor.isSymbol('(') && !found.star) {
    cursor.next();
    found.settings = found.arguments;
    found.distinct = cursor.takeWord('distinct') || undefined;
    found.arguments = listUntil(parsing, ')');
  }
  return suffixes(parsing, found);
}

function callArguments(parsing: QueryParsing, name: string): Partial<Call> {
  const { cursor } = parsing;
  const items: Expression[] = [];
  if (cursor.takeSymbol(')')) return { arguments: items };
  do items.push(argument(parsing, name));
  while (cursor.takeSymbol(','));
  if (name === 'position' && items.length === 1) return { arguments: positionArguments(items[0]!) ?? items, ...closing(cursor) };
  if (cursor.takeWord('from')) {
    items.push(parseExpression(parsing));
    if (cursor.takeWord('for')) items.push(parseExpression(parsing));
  }
  const order = cursor.takeWord('order', 'by') ? orderList(parsing) : undefined;
  const separator = cursor.takeWord('separator')
    ? cursor.token.kind === 'text'
      ? cursor.next().text
      : cursor.fail('a text is expected')
    : undefined;
  cursor.expectSymbol(')');
  return { arguments: items, order, separator };
}

const closing = (cursor: Cursor): object => {
  cursor.expectSymbol(')');
  return {};
};

/** `position('a' in b)` reads as an IN test of one name: both parts are turned round into arguments. */
function positionArguments(only: Expression): Expression[] | undefined {
  return only.kind === 'operator' && only.name === 'in' ? [...only.arguments].reverse() : undefined;
}

/** Functions that take a unit as a bare word: `timestampdiff(month, a, b)`, `date_trunc(day, month)`. */
const unitArguments =
  /^(timestampdiff|timestampadd|date_?diff|date_?add|date_?sub|date_?trunc|timestamp_(diff|add|sub|trunc)|datetime_(diff|add|sub|trunc)|last_day|trunc)$/;

function argument(parsing: QueryParsing, name: string): Expression {
  const { cursor } = parsing;
  const { kind, text } = cursor.token;
  const alone = cursor.isSymbol(',', 1) || cursor.isSymbol(')', 1);
  if (kind === 'word' && alone && unitArguments.test(name) && intervalUnits.has(text.toLowerCase()))
    return { kind: 'word', word: cursor.next().text.toLowerCase() };
  return parseExpression(parsing);
}

function cast(parsing: QueryParsing, safe: boolean): Expression {
  const { cursor } = parsing;
  const value = parseExpression(parsing);
  cursor.expectWord('as');
  const type = typeName(cursor);
  cursor.expectSymbol(')');
  return { kind: 'cast', argument: value, type, safe };
}

function extract(parsing: QueryParsing, at: number): Expression {
  const { cursor } = parsing;
  const unit = cursor.name().toLowerCase();
  if (!/^[a-z_]+$/.test(unit)) cursor.fail('a unit such as YEAR is expected');
  cursor.expectWord('from');
  const value = parseExpression(parsing);
  cursor.expectSymbol(')');
  return { kind: 'call', name: 'extract', arguments: [{ kind: 'word', word: unit }, value], at };
}

function suffixes(parsing: QueryParsing, found: { -readonly [Key in keyof Call]: Call[Key] }): Call {
  const { cursor } = parsing;
  if (cursor.takeWord('within', 'group')) {
    cursor.expectSymbol('(');
    cursor.expectWord('order', 'by');
    found.within = orderList(parsing);
    cursor.expectSymbol(')');
  }
  if (cursor.isWord('filter') && cursor.isSymbol('(', 1)) {
    cursor.next();
    cursor.next();
    cursor.expectWord('where');
    found.filter = parseExpression(parsing);
    cursor.expectSymbol(')');
  }
  if (cursor.takeWord('over')) found.window = cursor.isSymbol('(') ? windowDefinition(parsing) : namedWindow(parsing, cursor.name());
  return found;
}

function namedWindow({ windows, cursor }: QueryParsing, name: string): Window {
  return windows.get(name.toLowerCase()) ?? cursor.fail(`there is no window ${name}`);
}

export function windowDefinition(parsing: QueryParsing): Window {
  const { cursor } = parsing;
  cursor.expectSymbol('(');
  const base =
    cursor.token.kind === 'word' &&
    !cursor.isWord('partition') &&
    !cursor.isWord('order') &&
    !/^(rows|range|groups)$/i.test(cursor.token.text)
      ? namedWindow(parsing, cursor.name())
      : undefined;
  const partition: Expression[] = [...(base?.partition ?? [])];
  if (cursor.takeWord('partition', 'by')) {
    do partition.push(parseExpression(parsing));
    while (cursor.takeSymbol(','));
  }
  const order = cursor.takeWord('order', 'by') ? orderList(parsing) : (base?.order ?? []);
  const unit = (['rows', 'range', 'groups'] as const).find((candidate) => cursor.takeWord(candidate));
  if (!unit) {
    cursor.expectSymbol(')');
    return { partition, order, frame: base?.frame };
  }
  const between = cursor.takeWord('between');
  const start = frameBound(parsing);
  const end: FrameBound = between ? (cursor.expectWord('and'), frameBound(parsing)) : { kind: 'current row' };
  cursor.expectSymbol(')');
  return { partition, order, frame: { unit, start, end } };
}

function frameBound(parsing: QueryParsing): FrameBound {
  const { cursor } = parsing;
  if (cursor.takeWord('unbounded', 'preceding')) return { kind: 'unbounded preceding' };
  if (cursor.takeWord('unbounded', 'following')) return { kind: 'unbounded following' };
  if (cursor.takeWord('current', 'row')) return { kind: 'current row' };
  const offset = sum(parsing);
  if (cursor.takeWord('preceding')) return { kind: 'preceding', offset };
  cursor.expectWord('following');
  return { kind: 'following', offset };
}

export function orderList(parsing: QueryParsing): Order[] {
  const { cursor } = parsing;
  const orders: Order[] = [];
  do {
    const expression = parseExpression(parsing);
    const descending = cursor.takeWord('desc');
    if (!descending) cursor.takeWord('asc');
    const nulls = cursor.takeWord('nulls', 'first') ? 'first' : cursor.takeWord('nulls', 'last') ? 'last' : undefined;
    orders.push({ expression, descending, nulls });
  } while (cursor.takeSymbol(','));
  return orders;
}

/** An alias after AS, or a bare word that begins no clause. */
export function optionalAlias(cursor: Cursor): string | undefined {
  if (cursor.takeWord('as')) return cursor.token.kind === 'text' ? cursor.next().text : cursor.name();
  if (cursor.token.kind === 'name') return cursor.next().text;
  return cursor.token.kind === 'word' &&
    !clauseWords.has(cursor.token.text.toLowerCase()) &&
    !afterExpression.has(cursor.token.text.toLowerCase())
    ? cursor.next().text
    : undefined;
}
