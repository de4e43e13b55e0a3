import type { SqlGeneration } from '../schema/generation.type';
import type { SqlQuery } from '../schema/query.type';
import type { Answer as AnswerType, AnswerVisualization } from '../schema/result.type';
import type { SourceColumn, SourceTable, Source } from '../schema/source.type';
import type { Catalog } from '../service/engine';
import type { GenerationResult } from '../service/generation-result';
import type { Answer, StoredQueryView } from '../service/views';
import type { ReadySource } from '../service/sources/ready-source';

/** How domain values look in the graph: fields renamed, nothing decided. */
export function toGeneration(result: GenerationResult, withExplanation: boolean): SqlGeneration {
  return {
    queryId: result.queryId,
    sourceId: result.source?.id ?? null,
    sql: result.sql,
    dialect: result.dialect,
    explanation: withExplanation ? result.explanation : null,
    confidence: result.confidence,
    schemaTablesUsed: result.tablesUsed,
    executionPlan: result.executionPlan,
    warnings: result.warnings,
    interpretation: withExplanation ? result.interpretation : [],
    unusedWords: result.unusedWords,
    alternatives: result.alternatives.map(({ sql, explanation, confidence }) => ({ sql, explanation, confidence })),
    clarification: result.clarification ?? null,
    engine: result.engine,
    attempts: [...result.attempts],
    model: result.model,
    tokensUsed: result.tokensUsed,
    tree: result.tree,
  };
}

export function toAnswer(answer: Answer, withExplanation: boolean): AnswerType {
  return {
    ...toGeneration(answer, withExplanation),
    columns: [...(answer.columns ?? [])],
    rows: answer.rows ?? [],
    rowCount: answer.rowCount ?? 0,
    truncated: answer.truncated ?? false,
    executionTimeMs: answer.executionTimeMs ?? 0,
    cacheHit: answer.cacheHit ?? false,
    visualization: answer.visualization as AnswerVisualization | null,
    insights: [...answer.insights],
  };
}

export const toQuery = (row: StoredQueryView): SqlQuery => ({
  id: row.id,
  sourceId: row.source_id,
  question: row.question,
  sql: row.sql,
  dialect: row.dialect,
  plan: row.plan,
  engine: row.engine,
  confidence: row.confidence,
  status: row.status,
  rowCount: row.row_count,
  executionTimeMs: row.execution_time_ms,
  errorCode: row.error_code,
  userId: row.user_id,
  createdAt: row.created_at,
});

export const toSource = (source: ReadySource): Source => ({
  id: source.id,
  name: source.name,
  kind: source.kind,
  status: source.status,
  builtIn: source.tenantId === null,
  tableCount: source.catalog.tables.length,
  dataVersion: source.dataVersion,
  connection: Object.keys(source.connection).length > 0 ? source.connection : null,
  problem: source.problem,
  createdAt: source.createdAt,
  refreshedAt: source.refreshedAt,
});

export const toTables = (catalog: Catalog): SourceTable[] =>
  catalog.tables.map((table) => ({
    name: table.name,
    schema: table.schema ?? null,
    rowCount: table.rowCount ?? null,
    columns: table.columns.map((column): SourceColumn => ({
      name: column.name,
      declaredType: column.declaredType,
      type: column.type,
      nullable: column.nullable ?? true,
      distinctCount: column.distinctCount ?? null,
      min: column.min ?? null,
      max: column.max ?? null,
      comment: column.comment ?? null,
    })),
    primaryKey: table.primaryKey,
    foreignKeys: table.foreignKeys.map(({ columns, table: target, targetColumns, origin }) => ({
      columns,
      table: target,
      targetColumns,
      origin,
    })),
    comment: table.comment ?? null,
  }));
