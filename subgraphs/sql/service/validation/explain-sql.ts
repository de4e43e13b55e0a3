import { errors } from '#platform/errors';

import type { Catalog, Dialect } from '../engine/catalog';
import { checkSql, type Expression, type FromItem, type Query, type Select } from '../guard';
import { describe, list, orders } from './describe';
import type { ExplainedClause, Explanation } from './types';

export interface ExplainSqlInput {
  readonly sql: string;
  readonly dialect: Dialect;
  readonly catalog?: Catalog;
}

/** A statement in plain language, clause by clause, from the same reading that the guard checks. SQL_REJECTED where it cannot be read. */
export async function explainSql(input: ExplainSqlInput): Promise<Explanation> {
  const check = await checkSql(input);
  if (!check.query)
    throw errors.SQL_REJECTED({ reason: check.errors[0]?.message ?? 'it cannot be read' }, { details: { errors: check.errors } });
  const clauses = clausesOf(check.query);
  return { explanation: sentence(check.query), clauses };
}

function clausesOf(query: Query): ExplainedClause[] {
  const clauses: ExplainedClause[] = query.with.map(({ name, query: inner }) => ({
    clause: 'with',
    meaning: `First works out ${name}: ${sentence(inner)}`,
  }));
  const { body } = query;
  if (body.kind === 'set') {
    const meaning = {
      union: `Puts the rows of two queries together${body.all ? '' : ', each once'}.`,
      intersect: 'Keeps rows that both queries have.',
      except: 'Keeps rows of the first query that the second does not have.',
    }[body.operator];
    clauses.push({ clause: body.operator, meaning }, ...clausesOf(body.left), ...clausesOf(body.right));
  } else clauses.push(...selectClauses(body));
  if (query.order.length > 0) clauses.push({ clause: 'order by', meaning: `Sorts by ${orders(query.order)}.` });
  if (query.limit) clauses.push({ clause: 'limit', meaning: `Keeps the first ${describe(query.limit)} rows.` });
  if (query.offset) clauses.push({ clause: 'offset', meaning: `Leaves out the first ${describe(query.offset)} rows.` });
  return clauses;
}

function selectClauses(select: Select): ExplainedClause[] {
  const clauses: ExplainedClause[] = [
    { clause: 'select', meaning: `Shows ${shown(select)}${select.distinct ? ', each combination once' : ''}.` },
  ];
  if (select.from) clauses.push({ clause: 'from', meaning: `Reads ${from(select.from)}.` });
  if (select.where) clauses.push({ clause: 'where', meaning: `Keeps rows where ${describe(select.where)}.` });
  if (select.groupKind === 'all')
    clauses.push({ clause: 'group by', meaning: 'One row for each combination of the columns that are not aggregated.' });
  else if (select.group.length > 0) clauses.push({ clause: 'group by', meaning: `One row for each ${groups(select)}.` });
  if (select.having) clauses.push({ clause: 'having', meaning: `Keeps groups where ${describe(select.having)}.` });
  if (select.qualify) clauses.push({ clause: 'qualify', meaning: `Keeps rows where ${describe(select.qualify)}.` });
  return clauses;
}

/** `group by 1` means the first column that is shown. */
const positioned = (expression: Expression, select: Select): Expression =>
  expression.kind === 'constant' && typeof expression.value === 'number'
    ? (select.items[expression.value - 1]?.expression ?? expression)
    : expression;

const groups = (select: Select): string => list(select.group.map((part) => describe(positioned(part, select)).replace(/^the /, '')));

const shown = (select: Select): string =>
  list(
    select.items.map(({ expression, alias }) => {
      const meaning = describe(expression);
      const name = alias?.replaceAll('_', ' ');
      return name === undefined || name.toLowerCase() === meaning.toLowerCase() ? meaning : `${meaning} (as ${name})`;
    }),
  );

function from(item: FromItem): string {
  switch (item.kind) {
    case 'table':
      return item.name;
    case 'subquery':
      return `${item.alias ?? 'a subquery'} (${sentence(item.query).replace(/\.$/, '')})`;
    case 'function':
      return `the rows of ${item.call.name}`;
    case 'values':
      return `${item.rows.length} given rows`;
    default: {
      const kept = {
        left: ', also where there is none',
        right: ', and all of the latter',
        full: ', and what is only on one side',
        inner: '',
        cross: ' in every combination',
        semi: ' where there is one',
        anti: ' where there is none',
        asof: ' by the nearest one',
        positional: ' row by row',
      }[item.type];
      const condition = item.on ? ` (where ${describe(item.on)})` : item.using.length > 0 ? ` (same ${list(item.using)})` : '';
      return `${from(item.left)} with ${from(item.right)}${condition}${kept}`;
    }
  }
}

function sentence(query: Query): string {
  const { body } = query;
  if (body.kind === 'set') {
    const word = { union: 'together with', intersect: 'that are also in', except: 'without those in' }[body.operator];
    return `${sentence(body.left).replace(/\.$/, '')}, ${word}: ${sentence(body.right)}`;
  }
  const parts = [`Shows ${shown(body)}`];
  if (body.from) parts.push(`from ${from(body.from)}`);
  if (body.where) parts.push(`where ${describe(body.where)}`);
  if (body.group.length > 0) parts.push(`for each ${groups(body)}`);
  if (body.having) parts.push(`keeping groups where ${describe(body.having)}`);
  const tail = [
    query.order.length > 0 ? `sorted by ${orders(query.order)}` : '',
    query.limit ? `the first ${describe(query.limit)} rows` : '',
  ].filter(Boolean);
  return `${parts.join(' ')}${tail.length > 0 ? `, ${tail.join(', ')}` : ''}.`;
}
