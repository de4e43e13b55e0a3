import type { Expression, FrameBound, Window } from '../ir';
import { orderList, type QueryParsing } from './parsing';

export function namedWindow({ windows, cursor }: QueryParsing, name: string): Window {
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
    do partition.push(parsing.expression());
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
  const offset = parsing.operand();
  if (cursor.takeWord('preceding')) return { kind: 'preceding', offset };
  cursor.expectWord('following');
  return { kind: 'following', offset };
}
