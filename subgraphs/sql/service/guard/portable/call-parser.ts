import type { Call, Expression } from '../ir';
import { listUntil, orderList, type QueryParsing } from './parsing';
import { typeName } from './type-name';
import { namedWindow, windowDefinition } from './window-parser';
import { intervalUnits, plainFunctions } from './words';

export function parseCall(parsing: QueryParsing, { name, at }: { name: string; at: number }): Expression {
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
  if (name === 'position') return { arguments: positionArguments(parsing) };
  do items.push(argument(parsing, name));
  while (cursor.takeSymbol(','));
  if (cursor.takeWord('from')) {
    items.push(parsing.expression());
    if (cursor.takeWord('for')) items.push(parsing.expression());
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

/** Functions that take a unit as a bare word: `timestampdiff(month, a, b)`, `date_trunc(day, month)`. */
const unitArguments =
  /^(timestampdiff|timestampadd|date_?diff|date_?add|date_?sub|date_?trunc|timestamp_(diff|add|sub|trunc)|datetime_(diff|add|sub|trunc)|last_day|trunc)$/;

function argument(parsing: QueryParsing, name: string): Expression {
  const { cursor } = parsing;
  const { kind, text } = cursor.token;
  const alone = cursor.isSymbol(',', 1) || cursor.isSymbol(')', 1);
  if (kind === 'word' && alone && unitArguments.test(name) && intervalUnits.has(text.toLowerCase()))
    return { kind: 'word', word: cursor.next().text.toLowerCase() };
  return parsing.expression();
}

function cast(parsing: QueryParsing, safe: boolean): Expression {
  const { cursor } = parsing;
  const value = parsing.expression();
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
  const value = parsing.expression();
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
    found.filter = parsing.expression();
    cursor.expectSymbol(')');
  }
  if (cursor.takeWord('over')) found.window = cursor.isSymbol('(') ? windowDefinition(parsing) : namedWindow(parsing, cursor.name());
  return found;
}

/** `position('a' in b)` is `position(b, 'a')` elsewhere: the text first, what is looked for second. */
function positionArguments(parsing: QueryParsing): Expression[] {
  const { cursor } = parsing;
  const first = parsing.operand();
  const turned = cursor.takeWord('in');
  if (!turned) cursor.expectSymbol(',');
  const second = parsing.operand();
  cursor.expectSymbol(')');
  return turned ? [second, first] : [first, second];
}
