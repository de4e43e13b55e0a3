import { createHash, timingSafeEqual } from 'node:crypto';

import { errors } from '#platform/errors';

export type CursorKey = string | number;

const digestBytes = 9;

const digest = (payload: string, scope: string): Buffer =>
  createHash('sha256').update(`${scope.length}:${scope}:${payload}`).digest().subarray(0, digestBytes);

const invalid = (): Error =>
  errors.INVALID_REQUEST({ what: 'cursor', hint: 'pass back a cursor of this list unchanged, or begin without one' }, { field: 'cursor' });

/**
 * An opaque position in one list: the sort keys of an item, bound to `scope` (list and tenant: `dashboards:acme`).
 *
 * The digest needs no secret. It tells cursors of other lists and damaged ones apart; who computes one by hand reaches a position in
 * their own list, where every row is checked again under row-level security.
 */
export function encodeCursor(keys: readonly CursorKey[], scope: string): string {
  const payload = JSON.stringify(keys);
  return Buffer.concat([digest(payload, scope), Buffer.from(payload)]).toString('base64url');
}

/** The sort keys again. INVALID_REQUEST for a cursor that was changed, or made for another list or tenant. */
export function decodeCursor(cursor: string, scope: string): readonly CursorKey[] {
  const bytes = Buffer.from(cursor, 'base64url');
  const payload = bytes.subarray(digestBytes).toString();
  // The second comparison refuses other spellings of the same bytes.
  if (bytes.length <= digestBytes || bytes.toString('base64url') !== cursor) throw invalid();
  if (!timingSafeEqual(bytes.subarray(0, digestBytes), digest(payload, scope))) throw invalid();
  try {
    const keys: unknown = JSON.parse(payload);
    if (Array.isArray(keys) && keys.every((key) => typeof key === 'string' || typeof key === 'number')) return keys;
  } catch {
    // Falls through to the refusal.
  }
  throw invalid();
}
