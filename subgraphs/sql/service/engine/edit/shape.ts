/** Groups, measures, columns, order and limit of a follow-up. */
import type { GroupReading } from '../read/reading';
import type { Expression, QueryTree, ShowItem, SortItem } from '../tree';
import { canonical, hasAggregate } from '../tree-walk';
import type { Signals } from './signals';

const measured = (item: ShowItem): boolean => hasAggregate(item.expression) || item.expression.kind === 'window';

export function editGroups(tree: QueryTree, groups: readonly GroupReading[], signals: Signals): QueryTree {
  if (groups.length === 0) return tree;
  const measures = tree.show.filter(measured);
  if (measures.length === 0) return tree;
  let keys = tree.show.filter((item) => !measured(item));
  let per = tree.per ?? [];
  for (const group of groups) {
    const item: ShowItem = { expression: group.expression, tokens: group.tokens };
    const bucket = keys.findIndex((key) => key.expression.kind === 'bucket');
    const axis = group.expression.kind === 'part' && bucket >= 0;
    if (axis && !signals.adds) keys = keys.map((key, i) => (i === bucket ? item : key));
    else if (group.grain && bucket >= 0) keys = keys.map((key, i) => (i === bucket ? regrain(key, item) : key));
    else if (signals.adds && !signals.replaces) keys = [...keys, item];
    else if (!group.grain && !signals.replaces && keys.every((key) => key.expression.kind === 'bucket')) keys = [...keys, item];
    else {
      keys =
        signals.replaces || !group.grain
          ? [...keys.filter((key) => key.expression.kind === 'bucket' && !signals.replaces), item]
          : [item, ...keys];
      per = [];
    }
    per = [...per, ...(group.key ?? [])];
  }
  const { per: _per, topPer: _top, ...rest } = tree;
  const shown = new Set([...keys, ...measures].map((item) => canonical(item.expression)));
  const times: SortItem[] = keys
    .filter((key) => key.expression.kind === 'bucket' || key.expression.kind === 'part')
    .map((key) => ({ expression: key.expression, direction: 'asc' }));
  const sort = tree.sort.filter((item) => shown.has(canonical(item.expression)));
  return { ...rest, show: [...keys, ...measures], ...(per.length > 0 ? { per } : {}), sort: sort.length > 0 ? sort : times };
}

/** "by week instead": the same moment, cut otherwise. */
function regrain(key: ShowItem, wanted: ShowItem): ShowItem {
  if (key.expression.kind !== 'bucket' || wanted.expression.kind !== 'bucket') return wanted;
  return { expression: { ...wanted.expression, of: key.expression.of }, ...(wanted.tokens ? { tokens: wanted.tokens } : {}) };
}

export function editMeasures(tree: QueryTree, measures: readonly Expression[], signals: Signals): QueryTree {
  if (measures.length === 0) return tree;
  const keys = tree.show.filter((item) => !measured(item));
  const old = tree.show.filter(measured);
  const fresh = measures
    .filter((expression) => !old.some((item) => canonical(item.expression) === canonical(expression)))
    .map((expression) => ({ expression }));
  const keepsOld = signals.adds && !signals.replaces && old.length > 0;
  // A list of rows that is now counted is no longer listed.
  const listed = old.length === 0;
  const show: ShowItem[] = [...(listed ? [] : keys), ...(keepsOld ? old : []), ...fresh];
  const replacement = fresh[0]?.expression;
  const sort = tree.sort.flatMap((item): SortItem[] =>
    hasAggregate(item.expression) && !keepsOld && replacement ? [{ ...item, expression: replacement }] : listed ? [] : [item],
  );
  const { limit, distinct: _distinct, ...rest } = tree;
  return { ...rest, show: show.length > 0 ? show : tree.show, sort, distinct: false, ...(limit !== undefined && !listed ? { limit } : {}) };
}

/** "show their emails", "also the country". */
export function editColumns(tree: QueryTree, columns: readonly Expression[], signals: Signals): QueryTree {
  if (columns.length === 0 || tree.show.some(measured)) return tree;
  const fresh: ShowItem[] = columns.map((expression) => ({ expression }));
  const keeps = signals.adds && !signals.replaces;
  const show = keeps
    ? [...tree.show.filter((item) => !fresh.some((other) => canonical(other.expression) === canonical(item.expression))), ...fresh]
    : fresh;
  return { ...tree, show };
}

export function editOrder(tree: QueryTree, sort: readonly SortItem[], limit: number | undefined): QueryTree {
  const next = { ...tree };
  if (sort.length > 0) next.sort = [...sort];
  if (limit !== undefined) {
    next.limit = limit;
    if (next.sort.length === 0 || next.sort.every((item) => item.expression.kind === 'bucket')) {
      const measure = tree.show.find(measured);
      if (measure) next.sort = [{ expression: measure.expression, direction: 'desc' }];
    }
  }
  return next;
}
