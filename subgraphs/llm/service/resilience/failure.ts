import {
  APICallError,
  EmptyResponseBodyError,
  InvalidResponseDataError,
  JSONParseError,
  NoContentGeneratedError,
  TypeValidationError,
} from '@ai-sdk/provider';

import { AddressRefused } from '../network/guarded-fetch';
import type { FailureReason } from '../types';

/** One attempt at a provider that came to nothing, in the router's own words; what the provider said stays in `cause`. */
export class AttemptFailed extends Error {
  override readonly name = 'AttemptFailed';

  constructor(
    readonly reason: FailureReason,
    readonly facts: { readonly status?: number; readonly retryAfterMs?: number; readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(facts.hint ?? reason, { cause: facts.cause });
  }
}

/** The caller gave up: nobody's failure, never retried, never counted. */
export class CallerAborted extends Error {
  override readonly name = 'CallerAborted';
}

/** Failures after which the same model may do better at once. */
export const isTransient = (error: unknown): error is AttemptFailed =>
  error instanceof AttemptFailed && ['rate_limited', 'server_error', 'connection', 'invalid_output'].includes(error.reason);

/** Failures that say something about the provider's health; a 429 or 400 does not. */
export const countsAgainst = (error: unknown): boolean =>
  error instanceof AttemptFailed &&
  ['timeout', 'server_error', 'connection', 'unauthorized', 'invalid_output', 'interrupted', 'address_refused'].includes(error.reason);

const unusable = [JSONParseError, TypeValidationError, InvalidResponseDataError, EmptyResponseBodyError, NoContentGeneratedError];

const statusReason = (status: number): FailureReason => {
  if (status === 429) return 'rate_limited';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 408 || status === 504) return 'timeout';
  // 529 is Anthropic's "overloaded"; a model that is gone (404) is a matter of configuration, not of this request.
  if (status >= 500 || status === 404) return 'server_error';
  return 'bad_request';
};

/** Any error of an SDK, socket or parser as an AttemptFailed; never throws. */
export function toAttemptFailed(thrown: unknown): AttemptFailed {
  if (thrown instanceof AttemptFailed) return thrown;
  let succeeded = false;
  for (let error = thrown, depth = 0; error && depth < 6; error = (error as { cause?: unknown }).cause, depth += 1) {
    if (error instanceof AddressRefused) return new AttemptFailed('address_refused', { hint: error.message, cause: witness(thrown) });
    if (unusable.some((type) => type.isInstance(error))) return new AttemptFailed('invalid_output', { cause: witness(thrown) });
    const { code } = error as { readonly code?: unknown };
    if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return new AttemptFailed('invalid_output', { cause: witness(thrown) });
    if (typeof code === 'string' && /^(UND_ERR_|E[A-Z]+$)/.test(code)) return new AttemptFailed('connection', { cause: witness(thrown) });
    if (!APICallError.isInstance(error) || error.statusCode === undefined) continue;
    if (error.statusCode >= 400) return fromStatus(error, error.statusCode);
    // A success whose body could not be used arrives as an APICallError too: by a socket that closed, or by what it said.
    succeeded = true;
    if (error.cause === undefined) break;
    if ((error.cause as Error).message === 'terminated') return new AttemptFailed('connection', { cause: witness(thrown) });
  }
  return new AttemptFailed(succeeded ? 'invalid_output' : 'connection', { cause: witness(thrown) });
}

function fromStatus(error: APICallError, status: number): AttemptFailed {
  const retryAfterMs = readRetryAfter(error.responseHeaders ?? {});
  const reason = statusReason(status);
  return new AttemptFailed(reason, {
    status,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(reason === 'bad_request' ? { hint: printable(error.message) } : {}),
    cause: witness(error),
  });
}

/**
 * What a log may hold of an SDK's error: its name, code and first words. The error itself carries the prompt, the address and the
 * headers of the request, and would take them wherever it is written.
 */
function witness(thrown: unknown): Error {
  const { name, message, code } = (thrown ?? {}) as { readonly name?: unknown; readonly message?: unknown; readonly code?: unknown };
  const known = new Error(printable(wordsOf(message ?? thrown)));
  known.name = `${wordsOf(name ?? 'Error')}${typeof code === 'string' ? ` ${code}` : ''}`;
  delete known.stack;
  const { cause } = (thrown ?? {}) as { readonly cause?: unknown };
  return cause === undefined || cause === thrown
    ? known
    : Object.assign(known, { cause: printable(wordsOf((cause as Error | null)?.message ?? cause)) });
}

const wordsOf = (value: unknown): string => (typeof value === 'string' ? value : `(${typeof value})`);

/** `Retry-After` in milliseconds (RFC 9110 §10.2.3: seconds or a date), or OpenAI's `retry-after-ms`. */
export function readRetryAfter(headers: Readonly<Record<string, string | undefined>>, now = Date.now()): number | null {
  const precise = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] && Number.isFinite(precise) && precise >= 0) return precise;
  const text = headers['retry-after'];
  if (!text) return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** A provider's own words, short and without anything that looks like a key or an address. */
export const printable = (message: string): string =>
  message
    .replace(/\b(sk|pk|key|AIza)[-_A-Za-z0-9*]{8,}/g, '…')
    .replace(/https?:\/\/\S+/g, '…')
    .replace(/\s+/g, ' ')
    .slice(0, 300);
