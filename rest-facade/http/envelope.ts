import { catalogue, isErrorCode, toPublicError, type ErrorCode, type PublicError } from '#platform/errors';

import { snakeKeys } from '../names';

/** One failure as REST shows it. */
export interface ErrorElement {
  readonly code: ErrorCode;
  readonly message: string;
  /** Where in the request: `body.filters[0].operator`. */
  readonly field?: string;
  readonly details?: unknown;
  readonly request_id: string;
}

/** Every JSON answer of `/api`, success or failure. */
export interface Envelope {
  readonly success: boolean;
  readonly data: unknown;
  readonly errors: readonly ErrorElement[];
  readonly warnings: readonly string[];
  readonly execution_time_ms: number;
}

export const toElement = ({ code, message, field, details }: PublicError, requestId: string): ErrorElement => ({
  code,
  message,
  ...(field === undefined ? {} : { field }),
  ...(details === undefined ? {} : { details: snakeKeys(details) }),
  request_id: requestId,
});

export const thrownToElement = (thrown: unknown, requestId: string): ErrorElement => toElement(toPublicError(thrown), requestId);

export const statusOf = (code: string | undefined): number =>
  isErrorCode(code) ? catalogue[code].status : catalogue.INTERNAL_ERROR.status;

/**
 * Seconds after which a retry makes sense, for `Retry-After`; undefined where retrying does not help. The code that failed may know better
 * than the default and says so in its details.
 */
export function retryAfter({ code, details }: ErrorElement): number | undefined {
  const { status, retry } = catalogue[code];
  if (status !== 429 && status !== 503 && !(status === 409 && retry)) return undefined;
  const said = (details as { retry_after_seconds?: unknown } | undefined)?.retry_after_seconds;
  if (typeof said === 'number' && said >= 0) return Math.ceil(said);
  return status === 503 ? 5 : 1;
}

/** `data` comes as JSON text: it is hashed for the ETag and must not be written twice. */
export function writeEnvelope(envelope: Omit<Envelope, 'data'>, data = 'null'): string {
  const { success, errors, warnings, execution_time_ms } = envelope;
  return `{"success":${success},"data":${data},"errors":${listJson(errors)},"warnings":${listJson(warnings)},"execution_time_ms":${execution_time_ms}}`;
}

const listJson = (list: readonly unknown[]): string => (list.length === 0 ? '[]' : JSON.stringify(list));
