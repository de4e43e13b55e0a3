/** Which column stands for a row, which says when it happened, and whether a table only links others. */
import type { Entity } from '../../semantic-model/types';
import type { SchemaColumn, SchemaTable } from './types';

const nameWords = new Set(['name', 'title', 'label', 'fullname', 'lastname', 'firstname']);

export function markNames(table: SchemaTable, entity: Entity | undefined): void {
  const find = (name: string | undefined) =>
    name ? table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase()) : undefined;
  table.primaryKey = (entity?.key ?? table.source.primaryKey).flatMap((name) => find(name) ?? []);
  for (const column of table.columns) column.isName = isNameLike(column);
  table.title = find(entity?.title) ?? guessTitle(table);
  table.time = find(entity?.time) ?? table.columns.find((column) => column.type === 'date' || column.type === 'timestamp');
  const other = table.columns.filter((column) => !column.isForeignKey && !column.isKey);
  table.bridge = table.source.foreignKeys.length >= 2 && other.length <= 1;
}

const isNameLike = (column: SchemaColumn): boolean =>
  (column.isText || column.type === 'other') && column.words.some((word) => nameWords.has(word));

function guessTitle(table: SchemaTable): SchemaColumn | undefined {
  const score = (column: SchemaColumn, position: number): number => {
    let points = -position * 0.01;
    if (column.isName) points += 4;
    if (column.ownStems.length === 1 && (column.ownStems[0] === 'name' || column.ownStems[0] === 'titl')) points += 2;
    if (column.words.includes('first') || column.words.includes('middle')) points -= 0.5;
    if (column.isText && !column.isForeignKey) points += 1;
    if (column.isUnique) points += 0.3;
    if (column.isForeignKey) points -= 2;
    if (column.isId) points -= 0.5;
    return points;
  };
  return [...table.columns].map((column, position) => ({ column, points: score(column, position) })).sort((a, b) => b.points - a.points)[0]
    ?.column;
}
