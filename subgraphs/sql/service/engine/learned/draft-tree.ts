/** Draft → query tree. */
import type { SchemaTable } from '../schema/types';
import type { Condition, Expression, QueryTree, ShowItem } from '../tree';
import { allOf, sameNode } from '../tree-walk';
import { aggregate, columnRef } from './beam-types';
import type { Atom, Draft, ShowEntry } from './beam-types';

const showItem = (entry: ShowEntry, draft: Draft): ShowItem => {
  if (entry.kind === 'all')
    return {
      expression: { kind: 'all', ...(draft.root && draft.through.length + draft.where.atoms.length > 0 ? { table: draft.root.name } : {}) },
    };
  if (entry.kind === 'column') return { expression: columnRef(entry.column!) };
  if (entry.kind === 'count') return { expression: aggregate('count') };
  return { expression: aggregate(entry.fn!, entry.column, entry.distinct) };
};

export const conditionOf = (atoms: readonly Atom[], or: boolean): Condition | undefined => {
  const conditions = atoms.map((atom) => atom.condition);
  if (!or || conditions.length < 2) return allOf(conditions);
  const last = conditions.slice(-2);
  return allOf([...conditions.slice(0, -2), { kind: 'or', conditions: last }]);
};

const positive = (condition: Condition): Condition => {
  if (condition.kind === 'compare' && condition.operator === '!=') return { ...condition, operator: '=' };
  if ('negated' in condition && condition.negated) return { ...condition, negated: false };
  return condition;
};

const mainTable = (draft: Draft): SchemaTable | undefined => draft.root ?? draft.show.entries.find((entry) => entry.column)?.column?.table;

export const treeOf = (draft: Draft): QueryTree => {
  const { clauses, nesting } = draft;
  const show = draft.show.entries.map((entry) => showItem(entry, draft));
  const tree: QueryTree = { show, sort: [], distinct: draft.distinct, through: draft.through.map((table) => table.name), fanOut: 'plain' };
  if (draft.root) tree.root = draft.root.name;
  const conditions: Condition[] = [];
  if (nesting?.kind === 'set') {
    const left = conditionOf(nesting.left, false);
    if (left) conditions.push(left);
  } else {
    const own = nesting ? draft.where.atoms.filter((atom) => !nesting.atoms.includes(atom)) : draft.where.atoms;
    const where = conditionOf(own, draft.where.or && own.length >= 2);
    if (where) conditions.push(where);
  }
  if (nesting?.kind === 'never') {
    const inner = allOf(nesting.atoms.map((atom) => positive(atom.condition)));
    const of = mainTable(draft);
    if (of) conditions.push({ kind: 'has', of: of.name, table: nesting.table.name, negated: true, ...(inner ? { where: inner } : {}) });
  }
  const where = allOf(conditions);
  if (where) tree.where = where;
  if (clauses.group) {
    const key: Expression = columnRef(clauses.group);
    if (!show.some((item) => sameNode(item.expression, key))) tree.per = [key];
  }
  if (clauses.having) {
    const { fn, column, operator, value } = clauses.having;
    tree.having = { kind: 'compare', operator, left: aggregate(fn, column), right: { kind: 'literal', value, type: 'number' } };
  }
  if (clauses.sort) {
    const { column, fn, direction, limit } = clauses.sort;
    tree.sort = [{ expression: fn ? aggregate(fn, column) : columnRef(column!), direction }];
    if (limit !== undefined) tree.limit = limit;
  }
  if (nesting?.kind === 'set') {
    const right: QueryTree = { show, sort: [], distinct: false, through: [], fanOut: 'plain' };
    const condition = allOf(nesting.right.map((atom) => (nesting.operator === 'except' ? positive(atom.condition) : atom.condition)));
    if (condition) right.where = condition;
    if (nesting.rightTable) right.through = [nesting.rightTable.name];
    tree.set = { operator: nesting.operator, right };
    tree.through = [];
  }
  return tree;
};
