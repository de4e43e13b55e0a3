/** Brackets that may be open at once. */
export const maxNesting = 60;

/**
 * The deepest nesting of brackets, read without a parser so that no parser's stack meets a bomb. Quotes and comments are not looked at:
 * brackets in them count too, which only makes the reading stricter.
 */
export function bracketDepth(sql: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of sql) {
    if (character === '(' || character === '[' || character === '{') deepest = Math.max(deepest, (depth += 1));
    else if (character === ')' || character === ']' || character === '}') depth = Math.max(0, depth - 1);
  }
  return deepest;
}

/** Line and column, from 1, of an offset in characters. */
export function placeOf(sql: string, offset: number | undefined): { readonly line?: number; readonly column?: number } {
  if (offset === undefined) return {};
  const before = sql.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
