import { createSemanticEngine, type QueryTree, type SemanticEngine } from './engine';

import { renderTree } from './engine/render/renderer';
import { compileSchema } from './engine/schema/compile';
import { isDescribed } from './engine/schema/described';
import type { Schema } from './engine/schema/types';
import type { GenerationResult } from './generation-result';
import { filterTree, type Filter } from './filters';
import type { ReadySource } from './sources/ready-source';

export interface EngineRegistryOptions {
  /** Engines kept. @default 50 */
  readonly capacity?: number;
  /** Below this confidence a question gets a clarification. @default 0 */
  readonly minConfidence?: number;
}

/** Engines are built once per source, data and model, and kept while they are used: building one indexes every name and value. */
export class EngineRegistry {
  private readonly engines = new Map<string, SemanticEngine>();
  private readonly schemas = new WeakMap<SemanticEngine, Schema>();

  constructor(private readonly options: EngineRegistryOptions = {}) {}

  for(source: ReadySource): SemanticEngine {
    const key = `${source.tenantId ?? ''}/${source.id}/${source.dataVersion}/${source.refreshedAt.getTime()}`;
    const known = this.engines.get(key);
    if (known) {
      // Last in the map is the most recently used.
      this.engines.delete(key);
      this.engines.set(key, known);
      return known;
    }
    const made = createSemanticEngine(source.catalog, source.model, { minConfidence: this.options.minConfidence ?? 0 });
    this.engines.set(key, made);
    if (this.engines.size > (this.options.capacity ?? 50)) this.engines.delete(this.engines.keys().next().value!);
    return made;
  }

  /**
   * The settled reading, or a question back where the rows of its rivals speak so much against it that it falls below the bar. Only where
   * people have described the data: on a bare schema what disagrees is mostly other columns of the same answer.
   */
  hold(source: ReadySource, question: string, settled: GenerationResult): GenerationResult {
    const { sql, engine, confidence } = settled;
    if (sql === null || engine !== 'semantic' || confidence >= (this.options.minConfidence ?? 0) || !isDescribed(source.model))
      return settled;
    return { ...settled, ...this.for(source).abstain(question), attempts: [] };
  }

  /** The query with filters added before its aggregation, and its SQL. */
  filtered(
    source: ReadySource,
    query: FilteredQuery,
  ): { readonly tree: QueryTree; readonly sql: string; readonly ignored: readonly string[] } {
    const engine = this.for(source);
    const schema = this.schemas.get(engine) ?? compileSchema(source.catalog, source.model);
    this.schemas.set(engine, schema);
    const { tree, ignored } = filterTree(schema, query.tree, query);
    return { tree, ignored, sql: renderTree(schema, tree, { dialect: source.catalog.dialect }).sql };
  }
}

export interface FilteredQuery {
  readonly tree: QueryTree;
  readonly filters: readonly Filter[];
  readonly tables: readonly string[];
  readonly now: Date;
}
