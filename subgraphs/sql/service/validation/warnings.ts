import { ownExpressions, partsOf, queriesOf, visit, type Analysis, type Expression, type Query, type Select } from '../guard';
import { edgesOf, hasAggregate, multiplied, ownerOf, relationsOf, type Edge, type Relation } from './multiplicity';
import type { Complexity, ValidationWarning } from './types';

const bigTableRows = 1_000_000;

/** What may run but is probably not what was meant, or more than was meant. */
export function warningsOf(query: Query, analysis: Analysis): ValidationWarning[] {
  const warnings: ValidationWarning[] = [];
  const queries = [...queriesOf(query)];
  const selects = queries.flatMap(({ body }) => (body.kind === 'select' ? [body] : []));
  if (selects.some((select) => select.from?.kind !== 'values' && select.items.some(({ expression }) => expression.kind === 'star'))) {
    warnings.push({ type: 'select_star', message: '* reads every column, also those that come later; name the columns that are needed' });
  }
  if (!query.limit && !isOneRow(query))
    warnings.push({ type: 'missing_limit', message: 'there is no LIMIT: all rows are computed, and those beyond max_rows are cut off' });
  for (const select of selects) {
    const relations = relationsOf(select, analysis);
    const edges = edgesOf(select, relations);
    warnings.push(...cartesian(relations, edges, select), ...fanOut(select, relations, edges));
  }
  for (const inner of queries) warnings.push(...unboundedScan(inner, query, analysis));
  return warnings.filter((warning, index) => warnings.findIndex(({ message }) => message === warning.message) === index);
}

const isOneRow = ({ body }: Query): boolean =>
  body.kind === 'select' &&
  (body.from === undefined ||
    body.from.kind === 'values' ||
    (body.group.length === 0 && !body.groupKind && body.items.every(({ expression }) => hasAggregate(expression))));

/** Relations that no condition ties together: every row of one meets every row of the other. */
function cartesian(relations: readonly Relation[], edges: readonly Edge[], select: Select): ValidationWarning[] {
  const many = relations.filter(({ single }) => !single);
  if (many.length < 2) return [];
  const reached = new Set([many[0]!]);
  const tied = [...edges.map(({ left, right }) => [left.relation, right.relation] as const), ...otherTies(select, relations)];
  for (let size = 0; size !== reached.size;) {
    size = reached.size;
    for (const [left, right] of tied) {
      if (reached.has(left)) reached.add(right);
      if (reached.has(right)) reached.add(left);
    }
  }
  const apart = many.find((relation) => !reached.has(relation));
  if (!apart) return [];
  return [
    {
      type: 'cartesian_product',
      message: `nothing ties ${apart.alias || 'a subquery'} to ${many[0]!.alias || 'the rest'}: every row of one meets every row of the other`,
    },
  ];
}

/** Conditions other than equality, such as ranges, tie relations too; so do natural joins. */
function otherTies(select: Select, relations: readonly Relation[]): (readonly [Relation, Relation])[] {
  const ties: (readonly [Relation, Relation])[] = [];
  const look = (expression: Expression): void => {
    if (expression.kind === 'operator' && (expression.name === 'and' || expression.name === 'or')) {
      partsOf(expression).forEach(look);
      return;
    }
    const owners = new Set<Relation>();
    visit(expression, (part) => {
      const owner = ownerOf(part, relations);
      if (owner) owners.add(owner.relation);
    });
    const [first, ...others] = owners;
    if (first) for (const other of others) ties.push([first, other]);
  };
  if (select.where) look(select.where);
  const walk = (item: Select['from']): void => {
    if (item?.kind !== 'join') return;
    if (item.on) look(item.on);
    if (item.natural || item.type === 'asof' || item.type === 'positional')
      for (const relation of relations) ties.push([relations[0]!, relation]);
    walk(item.left);
    walk(item.right);
  };
  walk(select.from);
  return ties;
}

const additive = new Set(['sum', 'avg', 'count', 'stddev', 'median', 'sumif', 'avgif']);

function fanOut(select: Select, relations: readonly Relation[], edges: readonly Edge[]): ValidationWarning[] {
  const repeated = multiplied(relations, edges);
  const warnings: ValidationWarning[] = [];
  const look = (part: Expression): void => {
    if (part.kind !== 'call' || !additive.has(part.name) || part.distinct || part.star || part.window) return;
    const owners = new Set<Relation>();
    for (const argument of part.arguments) {
      visit(argument, (inner) => {
        const owner = ownerOf(inner, relations);
        if (owner) owners.add(owner.relation);
      });
    }
    // Columns of both sides: one value per joined row is meant.
    if (owners.size !== 1) return;
    const [owner] = owners;
    const by = repeated.get(owner!);
    if (by)
      warnings.push({
        type: 'fan_out',
        message: `${part.name.toUpperCase()} over ${owner!.alias} counts its rows once for each row of ${by.alias}; aggregate before joining, or use DISTINCT`,
      });
  };
  for (const { expression } of select.items) visit(expression, look);
  if (select.having) visit(select.having, look);
  return warnings;
}

function unboundedScan(inner: Query, outer: Query, { tables }: Analysis): ValidationWarning[] {
  const { body } = inner;
  if (
    body.kind !== 'select' ||
    body.where ||
    inner.limit ||
    outer.limit ||
    body.group.length > 0 ||
    body.items.some(({ expression }) => hasAggregate(expression))
  )
    return [];
  return tables
    .filter(({ table, at }) => (table.rowCount ?? 0) > bigTableRows && body.from?.kind === 'table' && body.from.at === at)
    .map(({ table }) => ({
      type: 'unbounded_scan',
      message: `${table.name} has ${table.rowCount!.toLocaleString('en')} rows and nothing narrows them; add a condition or a LIMIT`,
    }));
}

/** A rough weight: tables and groups count one, what makes an engine sort or repeat itself counts more. */
export function complexityOf(query: Query): Complexity {
  let weight = 0;
  for (const inner of queriesOf(query)) {
    if (inner !== query) weight += 2;
    if (inner.body.kind === 'set') weight += 1;
    else {
      weight += relationCount(inner.body) + (inner.body.group.length > 0 ? 1 : 0) + (inner.body.distinct ? 1 : 0);
    }
    for (const expression of ownExpressions(inner)) if (expression.kind === 'call' && expression.window) weight += 2;
  }
  return weight <= 3 ? 'low' : weight <= 9 ? 'medium' : 'high';
}

const relationCount = (select: Select): number => {
  const count = (item: Select['from']): number =>
    item === undefined ? 0 : item.kind === 'join' ? count(item.left) + count(item.right) : 1;
  return count(select.from);
};
