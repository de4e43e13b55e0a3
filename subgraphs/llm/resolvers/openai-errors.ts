import type { Response } from 'express';

import { toPublicError, type PublicError } from '#platform/errors';

export interface OpenAiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
    readonly details?: Readonly<Record<string, unknown>>;
  };
}

/** OpenAI's own words where it has one for our code; clients act on status, type and code. */
const words: Partial<Readonly<Record<PublicError['code'], { readonly type: string; readonly code: string | null }>>> = {
  INVALID_REQUEST: { type: 'invalid_request_error', code: null },
  PAYLOAD_TOO_LARGE: { type: 'invalid_request_error', code: 'request_too_large' },
  UNAUTHORIZED: { type: 'invalid_request_error', code: 'invalid_api_key' },
  FORBIDDEN: { type: 'permission_error', code: 'forbidden' },
  NOT_FOUND: { type: 'invalid_request_error', code: 'not_found' },
  RATE_LIMITED: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  BUDGET_EXCEEDED: { type: 'insufficient_quota', code: 'insufficient_quota' },
};

export function toOpenAiError(thrown: unknown): {
  readonly status: number;
  readonly body: OpenAiError;
  readonly retryAfterSeconds: number | null;
} {
  const { code, message, status, field, details } = toPublicError(thrown);
  const isUnknownModel = code === 'INVALID_REQUEST' && field === 'model';
  const known = isUnknownModel
    ? { type: 'invalid_request_error', code: 'model_not_found' }
    : (words[code] ?? { type: status >= 500 ? 'server_error' : 'invalid_request_error', code: code.toLowerCase() });
  const retryAfterSeconds = typeof details?.retryAfterSeconds === 'number' ? details.retryAfterSeconds : null;
  return {
    status: isUnknownModel ? 404 : status,
    retryAfterSeconds,
    body: { error: { message, type: known.type, param: field ?? null, code: known.code, ...(details ? { details } : {}) } },
  };
}

export function sendError(response: Response, thrown: unknown): void {
  const { status, body, retryAfterSeconds } = toOpenAiError(thrown);
  if (retryAfterSeconds !== null) response.setHeader('retry-after', String(retryAfterSeconds));
  response.status(status).json(body);
}
