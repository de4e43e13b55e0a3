import { performance } from 'node:perf_hooks';

import { catalogue } from '#platform/errors';

import { retryAfter, thrownToElement, writeEnvelope, type ErrorElement } from './envelope';

/** A finished answer, before it is written to the socket. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
  /** The codes in it, for the log and for deciding what an idempotency key keeps. */
  readonly errors?: readonly ErrorElement[];
}

/** The endpoint wrote to the socket itself (a stream). */
export const streamed: unique symbol = Symbol('streamed');

export const jsonType = 'application/json; charset=utf-8';

export const elapsedMs = (startedAt: number): number => Math.round((performance.now() - startedAt) * 10) / 10;

export interface Clocked {
  readonly requestId: string;
  /** `performance.now()` at the arrival of the request. */
  readonly startedAt: number;
}

export function failure({ requestId, startedAt }: Clocked, thrown: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  const all = Array.isArray(thrown) ? thrown : [thrown];
  return failed(
    { requestId, startedAt },
    all.map((one) => thrownToElement(one, requestId)),
    headers,
  );
}

export function failed({ startedAt }: Clocked, errors: readonly ErrorElement[], headers: Readonly<Record<string, string>> = {}): Answer {
  const status = catalogue[errors[0]!.code].status;
  const wait = retryAfter(errors[0]!);
  return {
    status,
    headers: {
      'Content-Type': jsonType,
      'Cache-Control': 'no-store',
      ...(wait === undefined ? {} : { 'Retry-After': String(wait) }),
      ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
      ...headers,
    },
    body: writeEnvelope({ success: false, errors, warnings: [], execution_time_ms: elapsedMs(startedAt) }),
    errors,
  };
}
