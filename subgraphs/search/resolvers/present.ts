import type { SchemaHit } from '../schema/search.type';
import type { SearchResult } from '../service/search.service';

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A hit of the schema collections as the schema search shows it. */
export const toSchemaHit = ({ kind, title, content, metadata, score }: SearchResult): SchemaHit => ({
  type: kind,
  name:
    text(metadata.column) && kind === 'column'
      ? `${text(metadata.table)}.${text(metadata.column)}`
      : (text(metadata.metric) ?? text(metadata.value) ?? text(metadata.table) ?? title),
  schema: text(metadata.sourceId),
  description: text(metadata.description) ?? content.split('\n').slice(1).join(' '),
  columns: Array.isArray(metadata.columns) ? metadata.columns.map(String) : [],
  relevanceScore: score,
});
