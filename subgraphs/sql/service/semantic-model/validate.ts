/** Checks a model against the catalog: every name exists, every formula reads; what is wrong names the nearest right name. */
import { nearestName } from '#platform/errors';
import type { Catalog, CatalogTable } from '../engine/catalog';
import { hasAggregate } from '../engine/tree-walk';
import { ExpressionError } from './expression/lexer';
import { parseExpression } from './expression/parse';
import { MissingAttributeError, resolveCondition, resolveExpression } from './expression/resolve';
import type { SemanticModel } from './types';

export interface ModelProblem {
  /** Where in the model: `entities[2].dimensions[0].column`. */
  path: string;
  message: string;
}

export function validateModel(model: SemanticModel, catalog: Catalog): ModelProblem[] {
  const check = new Check(model, catalog);
  model.entities.forEach((entity, i) => check.entity(entity, `entities[${i}]`));
  model.joins.forEach((join, i) => {
    check.column(join.from, `joins[${i}].from`);
    check.column(join.to, `joins[${i}].to`);
  });
  model.metrics.forEach((metric, i) => check.metric(metric, `metrics[${i}]`));
  model.policies.forEach((policy, i) => check.policy(policy, `policies[${i}]`));
  check.unique(
    model.entities.map((item) => item.name),
    'entities',
  );
  check.unique(
    model.metrics.map((item) => item.name),
    'metrics',
  );
  return check.problems;
}

class Check {
  readonly problems: ModelProblem[] = [];

  constructor(
    private readonly model: SemanticModel,
    private readonly catalog: Catalog,
  ) {}

  entity(entity: SemanticModel['entities'][number], path: string): void {
    const table = this.#table(entity.table, `${path}.table`);
    if (!table) return;
    (entity.key ?? []).forEach((name, i) => this.#columnOf(table, name, `${path}.key[${i}]`));
    if (entity.title) this.#columnOf(table, entity.title, `${path}.title`);
    if (entity.time) this.#columnOf(table, entity.time, `${path}.time`);
    entity.dimensions.forEach((dimension, i) => this.#columnOf(table, dimension.column, `${path}.dimensions[${i}].column`));
    entity.measures.forEach((measure, i) =>
      this.#formula(
        () => resolveExpression(measure.expression, { ...this.#space, table: table.name }),
        `${path}.measures[${i}].expression`,
      ),
    );
    (entity.filters ?? []).forEach((filter, i) =>
      this.#formula(() => resolveCondition(filter, { ...this.#space, table: table.name }), `${path}.filters[${i}]`),
    );
  }

  metric(metric: SemanticModel['metrics'][number], path: string): void {
    this.#formula(() => {
      const expression = resolveExpression(metric.expression, this.#space);
      if (!hasAggregate(expression))
        throw new ExpressionError(metric.expression, 0, 'a metric needs an aggregate such as sum(…), or another metric');
    }, `${path}.expression`);
    (metric.filters ?? []).forEach((filter, i) => this.#formula(() => resolveCondition(filter, this.#space), `${path}.filters[${i}]`));
    if (metric.time) this.column(metric.time, `${path}.time`);
  }

  policy(policy: SemanticModel['policies'][number], path: string): void {
    const entity = this.model.entities.find((item) => item.name === policy.entity);
    const table = entity ? this.#table(entity.table, `${path}.entity`) : this.#table(policy.entity, `${path}.entity`);
    if (!table) return;
    // Attributes are known only per caller; any value does for checking the names around them.
    const user = new Proxy<Record<string, unknown>>({}, { get: () => 'value' });
    this.#formula(() => resolveCondition(policy.filter, { ...this.#space, table: table.name, user }), `${path}.filter`);
    this.#formula(() => parseExpression(policy.filter), `${path}.filter`);
  }

  column(path: string, at: string): void {
    const dot = path.lastIndexOf('.');
    if (dot < 0) return this.#add(at, `"${path}" must be table.column`);
    const table = this.#table(path.slice(0, dot), at);
    if (table) this.#columnOf(table, path.slice(dot + 1), at);
  }

  unique(names: readonly string[], path: string): void {
    for (const name of new Set(names.filter((item, i) => names.indexOf(item) !== i))) this.#add(path, `"${name}" is defined twice`);
  }

  get #space() {
    return { catalog: this.catalog, model: this.model };
  }

  #table(name: string, path: string): CatalogTable | undefined {
    const table = this.catalog.tables.find((item) => item.name.toLowerCase() === name.toLowerCase());
    if (!table)
      this.#add(
        path,
        unknown(
          'table',
          name,
          this.catalog.tables.map((item) => item.name),
        ),
      );
    return table;
  }

  #columnOf(table: CatalogTable, name: string, path: string): void {
    if (!table.columns.some((column) => column.name.toLowerCase() === name.toLowerCase()))
      this.#add(
        path,
        unknown(
          `column in ${table.name}`,
          name,
          table.columns.map((column) => column.name),
        ),
      );
  }

  #formula(read: () => unknown, path: string): void {
    try {
      read();
    } catch (cause) {
      if (cause instanceof ExpressionError) this.#add(path, cause.message);
      else if (!(cause instanceof MissingAttributeError)) throw cause;
    }
  }

  #add(path: string, message: string): void {
    if (!this.problems.some((problem) => problem.path === path)) this.problems.push({ path, message });
  }
}

function unknown(kind: string, name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return `there is no ${kind} named "${name}"${near ? `; did you mean "${near}"?` : ''}`;
}
