import type { StoredDocument } from '../store/document.store';

import type { IndexEntry } from './index/index';
import { chunk } from './knowledge/chunk';
import type { ConversationFacts, DashboardFacts, SourceFacts } from './ports';

const spaced = (name: string): string =>
  name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();

/** What is searchable of a source: tables, columns and joins; values; metrics. */
export function sourceEntries(source: SourceFacts): Record<'schema' | 'values' | 'metrics', IndexEntry[]> {
  const base = { ownerId: source.id, userId: null, updatedAt: 0 };
  const schema = source.tables.flatMap((table): IndexEntry[] => [
    {
      ...base,
      id: `${source.id}/table/${table.name}`,
      kind: 'table',
      title: spaced(table.name),
      content: [table.comment, `Table ${table.name} with ${table.columns.map(({ name }) => spaced(name)).join(', ')}`]
        .filter(Boolean)
        .join('. '),
      metadata: { sourceId: source.id, table: table.name, columns: table.columns.map(({ name }) => name), description: table.comment },
    },
    ...table.columns.map((column) => ({
      ...base,
      id: `${source.id}/column/${table.name}.${column.name}`,
      kind: 'column',
      title: `${spaced(column.name)} of ${spaced(table.name)}`,
      content: [column.comment, `Column ${column.name} (${column.type}) of table ${table.name}`].filter(Boolean).join('. '),
      metadata: { sourceId: source.id, table: table.name, column: column.name, type: column.type, description: column.comment },
    })),
    ...table.joins.map((join) => ({
      ...base,
      id: `${source.id}/relationship/${table.name}.${join.columns.join('+')}-${join.table}`,
      kind: 'relationship',
      title: `${spaced(table.name)} to ${spaced(join.table)}`,
      content: `${table.name} joins ${join.table} by ${join.columns.join(', ')}`,
      metadata: { sourceId: source.id, table: table.name, target: join.table, columns: join.columns },
    })),
  ]);
  const values = source.values.map(({ column, value }) => ({
    ...base,
    id: `${source.id}/value/${column}/${value}`,
    kind: 'value',
    title: value,
    content: `A value of ${spaced(column)}`,
    metadata: { sourceId: source.id, column, value },
  }));
  const metrics = source.metrics.map(({ name, description, synonyms }) => ({
    ...base,
    id: `${source.id}/metric/${name}`,
    kind: 'metric',
    title: spaced(name),
    content:
      [description, synonyms.length > 0 ? `Also called ${synonyms.join(', ')}` : null].filter(Boolean).join('. ') ||
      `The metric ${spaced(name)}`,
    metadata: { sourceId: source.id, metric: name, description },
  }));
  return { schema, values, metrics };
}

export const conversationEntries = ({ sessionId, title, userId, messages }: ConversationFacts): IndexEntry[] =>
  messages.map(({ id, role, content, sql, createdAt }) => ({
    id,
    ownerId: sessionId,
    kind: 'message',
    title: title ?? 'Conversation',
    content: [content, sql].filter(Boolean).join('\n').slice(0, 8_000),
    userId,
    updatedAt: createdAt.getTime(),
    metadata: { sessionId, role },
  }));

export const dashboardEntries = ({ id, name, description, tags, widgets, updatedAt }: DashboardFacts): IndexEntry[] => [
  {
    id,
    ownerId: id,
    kind: 'dashboard',
    title: name,
    content:
      [description, tags.length > 0 ? `Tags: ${tags.join(', ')}` : null, widgets.length > 0 ? `Shows ${widgets.join(', ')}` : null]
        .filter(Boolean)
        .join('. ') || name,
    userId: null,
    updatedAt: updatedAt.getTime(),
    metadata: { dashboardId: id },
  },
];

export const documentEntries = ({
  id,
  title,
  content,
  tags,
  created_at,
}: Pick<StoredDocument, 'id' | 'title' | 'content' | 'tags' | 'created_at'>): IndexEntry[] =>
  chunk(content).map(({ section, text, offset }, place) => ({
    id: `${id}/${place}`,
    ownerId: id,
    kind: 'part',
    title: section ? `${title} › ${section}` : title,
    content: text,
    userId: null,
    updatedAt: created_at.getTime(),
    metadata: { documentId: id, document: title, section, offset, tags },
  }));
