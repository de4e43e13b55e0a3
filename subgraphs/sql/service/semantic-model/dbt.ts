/** dbt semantic-model YAML (MetricFlow) → our model. What has no counterpart is left out and named in `skipped`. */
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

import { errors } from '#platform/errors';
import { aggregateFunctions, type AggregateFunction } from '../engine/tree';
import type { Catalog } from '../engine/catalog';
import { draftModel } from './draft';
import type { Entity, Join, Metric, SemanticModel } from './types';
import { validateModel } from './validate';

const named = z.looseObject({ name: z.string(), description: z.string().nullish(), label: z.string().nullish() });
const dbtModel = named.extend({
  model: z.string(),
  primary_entity: z.string().nullish(),
  defaults: z.looseObject({ agg_time_dimension: z.string().nullish() }).nullish(),
  entities: z.array(named.extend({ type: z.string(), expr: z.coerce.string().nullish() })).nullish(),
  dimensions: z.array(named.extend({ type: z.string(), expr: z.coerce.string().nullish() })).nullish(),
  measures: z.array(named.extend({ agg: z.string(), expr: z.coerce.string().nullish() })).nullish(),
});
const measureRef = z.union([z.string(), z.looseObject({ name: z.string(), filter: z.unknown() })]);
const dbtMetric = named.extend({
  type: z.string(),
  type_params: z
    .looseObject({
      measure: measureRef.nullish(),
      numerator: measureRef.nullish(),
      denominator: measureRef.nullish(),
      expr: z.string().nullish(),
      metrics: z.array(z.unknown()).nullish(),
    })
    .nullish(),
});
type DbtModel = z.infer<typeof dbtModel>;
type DbtMetric = z.infer<typeof dbtMetric>;

export interface DbtImport {
  model: SemanticModel;
  skipped: string[];
}

/** Whether YAML is dbt's rather than ours. */
export const isDbt = (text: string): boolean => /^\s*["']?semantic_models["']?\s*:/m.test(text);

/** Keeps what the catalog has: a model often covers more tables than one source holds. */
export function importDbt(text: string, catalog?: Catalog): SemanticModel {
  const { model } = readDbt(text);
  if (!catalog) return model;
  const draft = draftModel(catalog);
  const has = (table: string) => catalog.tables.some((item) => item.name.toLowerCase() === table.toLowerCase());
  const entities = model.entities.filter((entity) => has(entity.table));
  const missing = draft.entities.filter((entity) => !entities.some((item) => item.table.toLowerCase() === entity.table.toLowerCase()));
  const joins = [...model.joins.filter((join) => has(join.from.split('.')[0]!) && has(join.to.split('.')[0]!)), ...draft.joins];
  const unique = joins.filter(
    (join, i) => joins.findIndex((other) => `${other.from}${other.to}`.toLowerCase() === `${join.from}${join.to}`.toLowerCase()) === i,
  );
  return readable({ ...model, entities: [...entities, ...missing], joins: unique }, catalog);
}

/** Warehouse functions in a formula are nothing that we could render: that measure is left out, not the whole model. */
function readable(model: SemanticModel, catalog: Catalog): SemanticModel {
  const paths = validateModel(model, catalog).map(({ path }) => path);
  const isSound = (path: string): boolean => !paths.some((wrong) => wrong === path || wrong.startsWith(`${path}.`));
  const kept: SemanticModel = {
    ...model,
    entities: model.entities.map((entity, i) => ({
      ...entity,
      dimensions: entity.dimensions.filter((_, k) => isSound(`entities[${i}].dimensions[${k}]`)),
      measures: entity.measures.filter((_, k) => isSound(`entities[${i}].measures[${k}]`)),
    })),
    metrics: model.metrics.filter((_, i) => isSound(`metrics[${i}]`)),
  };
  const count = ({ entities, metrics }: SemanticModel): number =>
    metrics.length + entities.reduce((sum, { dimensions, measures }) => sum + dimensions.length + measures.length, 0);
  // A metric may have stood on one that has gone.
  return count(kept) < count(model) ? readable(kept, catalog) : kept;
}

export function readDbt(text: string): DbtImport {
  const { models, metrics } = read(text);
  const skipped: string[] = [];
  const measureHome = new Map<string, string>();
  const entities = models.map((model) => toEntity(model, skipped));
  models.forEach((model, i) => (model.measures ?? []).forEach((measure) => measureHome.set(measure.name, entities[i]!.name)));
  return {
    model: {
      version: 1,
      entities,
      joins: toJoins(models, entities),
      metrics: metrics.flatMap((metric) => toMetric(metric, { entities, measureHome, skipped })),
      policies: [],
    },
    skipped,
  };
}

/** Several documents and repeated `semantic_models:` keys are both seen in the wild: each block is read by itself. */
function read(text: string): { models: DbtModel[]; metrics: DbtMetric[] } {
  const models: DbtModel[] = [];
  const metrics: DbtMetric[] = [];
  const blocks = text.split(/^(?=(?:semantic_models|metrics|saved_queries|models)\s*:)/m);
  for (const block of blocks) {
    for (const document of parseAllDocuments(block)) {
      const value = 'toJS' in document ? (document.toJS({ maxAliasCount: 50 }) as Record<string, unknown> | null) : null;
      const fault = 'errors' in document ? document.errors[0] : undefined;
      if (fault) throw errors.INVALID_REQUEST({ what: 'The dbt YAML', hint: fault.message.split('\n')[0]! });
      const parse = <Item>(schema: z.ZodType<Item>, list: unknown): Item[] => z.array(schema).parse(list ?? []);
      try {
        models.push(...parse(dbtModel, value?.semantic_models));
        metrics.push(...parse(dbtMetric, value?.metrics));
      } catch (cause) {
        if (cause instanceof z.ZodError)
          throw errors.INVALID_REQUEST({
            what: 'The dbt YAML',
            hint: cause.issues
              .slice(0, 5)
              .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
              .join('; '),
          });
        throw cause;
      }
    }
  }
  return { models, metrics };
}

const tableOf = (model: DbtModel): string => /ref\(\s*['"]([^'"]+)['"]\s*\)/.exec(model.model)?.[1] ?? model.model;
const simple = /^[A-Za-z_]\w*$/;

function toEntity(model: DbtModel, skipped: string[]): Entity {
  const primary = model.entities?.find((entity) => entity.type === 'primary' || entity.type === 'unique');
  const time = model.defaults?.agg_time_dimension ?? undefined;
  const timeColumn = model.dimensions?.find((dimension) => dimension.name === time);
  const entity: Entity = {
    name: model.name,
    table: tableOf(model),
    dimensions: [],
    measures: [],
    ...(model.description ? { description: model.description } : {}),
    ...(primary ? { key: [primary.expr ?? primary.name] } : {}),
    ...(timeColumn ? { time: timeColumn.expr ?? timeColumn.name } : {}),
  };
  for (const dimension of model.dimensions ?? []) {
    const column = dimension.expr ?? dimension.name;
    if (!simple.test(column)) skipped.push(`dimension ${model.name}.${dimension.name}: its expression is not a column`);
    else
      entity.dimensions.push({
        name: dimension.name,
        column,
        ...(dimension.description ? { description: dimension.description } : {}),
        ...(dimension.type === 'time' ? { grains: ['day', 'week', 'month', 'quarter', 'year'] } : {}),
      });
  }
  for (const measure of model.measures ?? []) {
    const aggregate = ({ average: 'avg', count_distinct: 'count', sum_boolean: 'sum' }[measure.agg] ?? measure.agg) as AggregateFunction;
    if (!aggregateFunctions.some((name) => name === aggregate))
      skipped.push(`measure ${model.name}.${measure.name}: aggregate ${measure.agg}`);
    else
      entity.measures.push({
        name: measure.name,
        expression: measure.agg === 'count_distinct' ? `count(distinct ${measure.expr ?? measure.name})` : (measure.expr ?? measure.name),
        aggregate,
        ...(measure.description ? { description: measure.description } : {}),
      });
  }
  return entity;
}

/** dbt joins by entity name: every foreign entity meets the model in which it is primary. */
function toJoins(models: readonly DbtModel[], entities: readonly Entity[]): Join[] {
  return models.flatMap((model, i) =>
    (model.entities ?? []).flatMap((entity): Join[] => {
      if (entity.type !== 'foreign') return [];
      const target = models.findIndex(
        (other) =>
          other !== model &&
          other.entities?.some((item) => item.name === entity.name && (item.type === 'primary' || item.type === 'unique')),
      );
      if (target < 0) return [];
      return [
        {
          from: `${entities[i]!.table}.${entity.expr ?? entity.name}`,
          to: `${entities[target]!.table}.${entities[target]!.key![0]!}`,
          cardinality: 'many_to_one',
        },
      ];
    }),
  );
}

interface MetricContext {
  entities: readonly Entity[];
  measureHome: ReadonlyMap<string, string>;
  skipped: string[];
}

function toMetric(metric: DbtMetric, { entities, measureHome, skipped }: MetricContext): Metric[] {
  const base = {
    name: metric.name,
    ...(metric.label ? { label: metric.label } : {}),
    ...(metric.description ? { description: metric.description } : {}),
  };
  const formula = (reference: z.infer<typeof measureRef> | null | undefined): string | undefined => {
    const name = typeof reference === 'string' ? reference : reference?.name;
    const entity = entities.find((item) => item.name === measureHome.get(name ?? ''));
    const measure = entity?.measures.find((item) => item.name === name);
    if (!entity || !measure) return undefined;
    if (/\(/.test(measure.expression))
      return measure.expression.replace(
        /\((distinct )?(\w+)\)/,
        (_, distinct: string | undefined, column: string) => `(${distinct ?? ''}${entity.table}.${column})`,
      );
    return simple.test(measure.expression) ? `${measure.aggregate ?? 'sum'}(${entity.table}.${measure.expression})` : undefined;
  };
  const params = metric.type_params;
  if (metric.type === 'simple') {
    const expression = formula(params?.measure);
    if (expression) return [{ ...base, expression }];
  }
  if (metric.type === 'ratio') {
    const name = (part: z.infer<typeof measureRef> | null | undefined) => formula(part) ?? (typeof part === 'string' ? part : part?.name);
    const [above, below] = [name(params?.numerator), name(params?.denominator)];
    if (above && below) return [{ ...base, expression: `${above} / ${below}` }];
  }
  if (metric.type === 'derived' && params?.expr) return [{ ...base, expression: params.expr }];
  skipped.push(`metric ${metric.name}: type ${metric.type} with these parameters`);
  return [];
}
