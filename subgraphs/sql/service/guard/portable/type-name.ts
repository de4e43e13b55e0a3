import { UnreadableSql } from '../ir';
import type { Cursor } from './cursor';
import { isTypeName } from './words';

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
