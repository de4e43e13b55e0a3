import { AppError } from './app-error';
import { catalogue, type ErrorCode } from './catalogue';

/** What a caller may see of a failure, at any door. */
export interface PublicError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly field?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

const internal: PublicError = Object.freeze({
  code: 'INTERNAL_ERROR',
  message: catalogue.INTERNAL_ERROR.message,
  status: catalogue.INTERNAL_ERROR.status,
  retryable: catalogue.INTERNAL_ERROR.retry,
});

export const isErrorCode = (value: unknown): value is ErrorCode => typeof value === 'string' && Object.hasOwn(catalogue, value);

/**
 * Turns anything thrown into what may be shown, and itself never throws. Only an AppError keeps its message: everything else,
 * however friendly it looks, becomes INTERNAL_ERROR, because its text may carry SQL, a path, a host or a key.
 */
export function toPublicError(thrown: unknown): PublicError {
  try {
    const error = findAppError(thrown);
    if (!error) return internal;
    const { status, retry } = catalogue[error.code];
    return {
      code: error.code,
      message: error.message,
      status,
      retryable: retry,
      ...(error.field === undefined ? {} : { field: error.field }),
      ...(error.details === undefined ? {} : { details: error.details }),
    };
  } catch {
    return internal;
  }
}

/** Finds the AppError inside wrappers such as a GraphQLError, whose `originalError` is what the resolver threw. */
export function findAppError(thrown: unknown): AppError | undefined {
  let current: unknown = thrown;
  for (let depth = 0; depth < 5; depth += 1) {
    if (current instanceof AppError) return current;
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as { originalError?: unknown }).originalError;
  }
  return undefined;
}
