import type { Expression, Order, Query, Window } from '../ir';
import type { Cursor } from './cursor';
import { afterExpression, clauseWords } from './words';

/** The state of one reading, and the way back into it: expressions hold queries and queries hold expressions. */
export interface QueryParsing {
  readonly cursor: Cursor;
  query(): Query;
  expression(): Expression;
  /** An expression that ends before a comparison: the parts of BETWEEN, a pattern, an interval's length. */
  operand(): Expression;
  windows: ReadonlyMap<string, Window>;
  readonly parameters: string[];
  depth: number;
}

export function listUntil(parsing: QueryParsing, closing: string): Expression[] {
  const { cursor } = parsing;
  const items: Expression[] = [];
  if (cursor.takeSymbol(closing)) return items;
  do items.push(parsing.expression());
  while (cursor.takeSymbol(','));
  cursor.expectSymbol(closing);
  return items;
}

export const startsQuery = (cursor: Cursor): boolean => cursor.isWord('select') || cursor.isWord('with') || cursor.isWord('values');

export function orderList(parsing: QueryParsing): Order[] {
  const { cursor } = parsing;
  const orders: Order[] = [];
  do {
    const expression = parsing.expression();
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
