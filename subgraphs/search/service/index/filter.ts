import type { IndexQuery } from './types';

/**
 * A text literal of the index's filter language: quotes doubled, so that no value can end it. Nothing is dropped: ids that differ only
 * in control characters stay different.
 */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const anyOf = (column: string, values: readonly string[]): string => `${column} in (${values.map(literal).join(', ')})`;

/** The condition that is part of the index query itself, so that nothing foreign is ever a candidate. */
export function conditionOf({ userId, kind, ownerIds, from, to }: Omit<IndexQuery, 'text' | 'mode' | 'exact'>): string {
  const parts = [`(user_id = '' or user_id = ${literal(userId)})`];
  if (kind) parts.push(`kind = ${literal(kind)}`);
  if (ownerIds) parts.push(ownerIds.length > 0 ? anyOf('owner_id', ownerIds) : 'false');
  if (from !== undefined) parts.push(`updated_at >= ${Math.trunc(from)}`);
  if (to !== undefined) parts.push(`updated_at <= ${Math.trunc(to)}`);
  return parts.join(' and ');
}
