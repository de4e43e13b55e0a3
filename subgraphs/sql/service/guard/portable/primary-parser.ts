import type { Expression } from '../ir';
import { UnreadableSql } from '../ir';
import { parseCall } from './call-parser';
import type { Cursor } from './cursor';
import { listUntil, startsQuery, type QueryParsing } from './parsing';
import { clauseWords, intervalUnits } from './words';

/** A constant, a name, a call, CASE, or what stands in brackets. */
export function parsePrimary(parsing: QueryParsing): Expression {
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
  return { kind: 'lambda', parameters: names.map((name) => (name.kind === 'column' ? name.path[0]! : '')), body: parsing.expression() };
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
  const subject = cursor.isWord('when') ? undefined : parsing.expression();
  const branches: { when: Expression; then: Expression }[] = [];
  while (cursor.takeWord('when')) {
    const when = parsing.expression();
    cursor.expectWord('then');
    branches.push({ when: subject ? { kind: 'operator', name: '=', arguments: [subject, when] } : when, then: parsing.expression() });
  }
  if (branches.length === 0) cursor.fail('WHEN is expected');
  const otherwise = cursor.takeWord('else') ? parsing.expression() : undefined;
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
      : parsing.operand();
  return { kind: 'interval', amount, unit: unitName(cursor, cursor.name()) };
}

function unitName(cursor: Cursor, text: string): string {
  const unit = text.toLowerCase().replace(/s$/, '');
  return intervalUnits.has(unit) ? unit : cursor.fail('a unit such as DAY or MONTH is expected');
}

function reference(parsing: QueryParsing): Expression {
  const { cursor } = parsing;
  const { at, kind } = cursor.token;
  const path = [cursor.name()];
  if (kind === 'word' && cursor.isSymbol('(')) return parseCall(parsing, { name: path[0]!, at });
  while (cursor.takeSymbol('.')) {
    if (cursor.takeSymbol('*')) return { kind: 'star', table: path.at(-1), at };
    path.push(cursor.name());
  }
  if (cursor.isSymbol('(')) throw new UnreadableSql('functions of a schema are not allowed', 'security_violation', at);
  return { kind: 'column', path, at };
}
