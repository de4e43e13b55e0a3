/** Windows and "top n of each": the grouped query first, the window over its columns, the row limit per group last. */
import type { Expression, QueryTree, ShowItem } from '../tree';
import { canonical, columnsIn } from '../tree-walk';
import { labelOf } from './labels';
import { renderOuter } from './outer';
import type { Renderer } from './renderer';

export function renderWindowed(renderer: Renderer, tree: QueryTree, depth: number): string {
  const names = new Map<string, string>();
  const show: ShowItem[] = [];
  const keep = (expression: Expression): void => {
    if (expression.kind === 'window') {
      keep(expression.of);
      for (const item of expression.within ?? []) keep(item);
      for (const item of expression.sort ?? []) keep(item.expression);
      return;
    }
    if (expression.kind === 'arithmetic' && hasWindow(expression)) return [expression.left, expression.right].forEach(keep);
    if (expression.kind === 'literal' || names.has(canonical(expression))) return;
    const label = unique(labelOf(expression) ?? (expression.kind === 'column' ? expression.column : 'value'), [...names.values()]);
    names.set(canonical(expression), label);
    show.push({ expression, label });
  };
  for (const item of [...tree.show, ...tree.sort]) keep(item.expression);
  for (const item of tree.topPer?.by ?? []) keep(item);
  const time =
    tree.show.map((item) => item.expression).find((expression) => expression.kind === 'bucket' || expression.kind === 'part') ??
    tree.show.map((item) => item.expression).find((item) => columnsIn(item).length > 0 && item.kind === 'column');
  const { topPer, limit, ...rest } = tree;
  const inner = renderer.query({ ...rest, show, sort: [] }, depth + 1);
  const pad = '  '.repeat(depth);
  const lookup = (expression: Expression) => {
    const name = names.get(canonical(expression));
    return name && renderer.dialect.identifier(name);
  };
  const { having: _inside, ...plain } = tree;
  const outer = { lookup, from: `(\n${pad}  ${inner}\n${pad}) AS grouped`, depth, ...(time ? { order: time } : {}) };
  if (!topPer) return renderOuter(renderer, plain, outer);
  const position: ShowItem = {
    expression: { kind: 'window', fn: 'rank', of: tree.sort[0]!.expression, within: topPer.by, sort: tree.sort },
    label: 'position_in_group',
  };
  const ranked = renderOuter(renderer, { ...plain, show: [...show, position], sort: [], limit: undefined } as QueryTree, {
    ...outer,
    depth: depth + 1,
  });
  return renderOuter(
    renderer,
    {
      ...plain,
      sort: [...topPer.by.map((expression) => ({ expression, direction: 'asc' as const })), ...tree.sort],
      ...(limit === undefined ? {} : { limit }),
    },
    {
      lookup,
      from: `(\n${pad}  ${ranked}\n${pad}) AS ranked`,
      depth,
      where: `position_in_group <= ${topPer.count}`,
    },
  );
}

const hasWindow = (expression: Expression): boolean =>
  expression.kind === 'window' || (expression.kind === 'arithmetic' && (hasWindow(expression.left) || hasWindow(expression.right)));

function unique(name: string, taken: readonly string[]): string {
  let result = name;
  for (let i = 2; taken.includes(result); i += 1) result = `${name}_${i}`;
  return result;
}
