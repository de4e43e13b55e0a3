/** Row policies of a model → a condition per table, for one caller. */
import { MissingAttributeError, resolveCondition } from '../../semantic-model/expression/resolve';
import type { RowPolicy, SemanticModel } from '../../semantic-model/types';
import type { Catalog } from '../catalog';
import { FromClause } from '../render/joins';
import { Renderer, Scope, type Guards } from '../render/renderer';
import type { Schema } from '../schema/types';
import { compileSchema } from '../schema/compile';
import type { Condition } from '../tree';
import { allOf } from '../tree-walk';

/** Who asks: what policies are chosen and filled in by. */
export interface PolicySubject {
  roles: readonly string[];
  /** Values of `user.…` in filters. */
  attributes: Readonly<Record<string, unknown>>;
}

const nothing: Condition = {
  kind: 'compare',
  operator: '=',
  left: { kind: 'literal', value: 1, type: 'number' },
  right: { kind: 'literal', value: 0, type: 'number' },
};

export const policiesOf = (policies: readonly RowPolicy[], { roles }: PolicySubject): RowPolicy[] =>
  policies.filter(
    ({ roles: only, except }) => (!only || only.some((role) => roles.includes(role))) && !except?.some((role) => roles.includes(role)),
  );

/** By lower-case table name. A policy that asks for an attribute that the caller lacks leaves no row. */
export function policyGuards(model: SemanticModel, catalog: Catalog, subject: PolicySubject): Guards {
  const found = new Map<string, Condition[]>();
  for (const policy of policiesOf(model.policies, subject)) {
    const table = model.entities.find((entity) => entity.name === policy.entity)?.table ?? policy.entity;
    const list = found.get(table.toLowerCase()) ?? [];
    list.push(readFilter(policy.filter, { model, catalog, table, user: subject.attributes }));
    found.set(table.toLowerCase(), list);
  }
  return new Map([...found].map(([table, conditions]) => [table, allOf(conditions)!]));
}

function readFilter(
  filter: string,
  space: { model: SemanticModel; catalog: Catalog; table: string; user: Readonly<Record<string, unknown>> },
): Condition {
  try {
    return resolveCondition(filter, space);
  } catch (cause) {
    if (cause instanceof MissingAttributeError) return nothing;
    throw cause;
  }
}

/** The guards as SQL text of the catalog's dialect: `region = 'Europe'`. */
export function renderGuards(guards: Guards, catalog: Catalog, model: SemanticModel): Map<string, string> {
  const schema: Schema = compileSchema(catalog, model);
  const renderer = new Renderer(schema, {});
  const empty = new FromClause(schema, { show: [], sort: [], distinct: false, through: [], fanOut: 'plain' });
  return new Map([...guards].map(([table, condition]) => [table, new Scope(renderer, empty, 0).condition(condition)]));
}
