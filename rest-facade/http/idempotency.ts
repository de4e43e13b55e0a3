import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { catalogue, errors, type ErrorCode } from '#platform/errors';
import type { IdempotencyStore } from '#platform/limits';
import type { Caller } from '#platform/auth';

import type { Answer } from './answer';
import { jsonType } from './answer';

/** The key of a request; undefined where it has none. `X-Idempotency-Key` is the older name of the same header. */
export function readIdempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const [key, alias] = [headers['idempotency-key'], headers['x-idempotency-key']];
  const given = key ?? alias;
  if (given === undefined) return undefined;
  const text = String(given);
  if (text.length < 1 || text.length > 255 || !/^[\x21-\x7e]+$/.test(text))
    throw refused('it must be 1 to 255 printable characters without spaces');
  if (key !== undefined && alias !== undefined && key !== alias) throw refused('Idempotency-Key and X-Idempotency-Key differ; send one');
  return text;
}

const refused = (hint: string) => errors.INVALID_REQUEST({ what: 'Idempotency-Key', hint }, { field: 'header.idempotency-key' });

export interface IdempotentRequest {
  readonly caller: Caller;
  readonly key: string;
  readonly method: string;
  readonly path: string;
  /** The body as it came, or its parsed form with sorted keys: what makes two requests the same. */
  readonly body: unknown;
}

/**
 * Claim, run, then publish or release. Nothing is kept of a request that was refused before it could do anything, or whose failure a
 * repetition may cure; everything else is replayed for a day.
 */
export async function runOnce(store: IdempotencyStore, request: IdempotentRequest, run: () => Promise<Answer>): Promise<Answer> {
  const { caller, key } = request;
  const claim = await store.claim(caller.tenantId, key, fingerprint(request));
  switch (claim.outcome) {
    case 'replay':
      return {
        status: claim.answer.status,
        headers: { 'Content-Type': jsonType, 'Cache-Control': 'no-store', 'Idempotency-Replayed': 'true' },
        body: String(claim.answer.body),
      };
    case 'conflict':
      throw errors.CONFLICT({ what: 'A request with this Idempotency-Key is still running', hint: 'wait for it, or repeat in a moment' });
    case 'reused':
      throw errors.IDEMPOTENCY_KEY_REUSED();
    case 'claimed':
  }
  let answer: Answer | undefined;
  try {
    answer = await run();
    return answer;
  } finally {
    // As text: a JSON column would reorder the keys, and a replay is the identical body.
    if (answer && isKept(answer)) await store.publish(caller.tenantId, key, claim.token, { status: answer.status, body: answer.body });
    else await store.release(caller.tenantId, key, claim.token);
  }
}

const neverKept: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['INVALID_REQUEST', 'UNAUTHORIZED', 'FORBIDDEN', 'BUDGET_EXCEEDED']);

function isKept({ status, errors: failures, body }: Answer): boolean {
  if (typeof body !== 'string') return false;
  const code = failures?.[0]?.code;
  return status < 400 || code === undefined || !(neverKept.has(code) || catalogue[code].retry);
}

function fingerprint({ caller, method, path, body }: IdempotentRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([caller.userId, method, path, sorted(body)]))
    .digest('base64url');
}

/** Two bodies that differ only in the order of their keys are one request. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, sorted(inner)]);
}
