import { AppError, errors } from '#platform/errors';

/** Fields of the server's error message (PostgreSQL protocol, ErrorResponse) that both drivers give. */
interface ServerError {
  readonly message: string;
  readonly code?: string;
  readonly constraint?: string;
}

// Not by instanceof: errors of Node's own modules belong to another realm where the code runs in a sandbox.
const isServerError = (thrown: unknown): thrown is ServerError =>
  typeof thrown === 'object' && thrown !== null && typeof (thrown as ServerError).message === 'string';

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);
const networkMessage =
  /^(Connection terminated|Client has encountered a connection error|timeout expired|timeout exceeded when trying to connect)/;

// Classes 08 connection exception, 53 insufficient resources, 57P admin shutdown, crash, cannot connect now; 28 and 3D are wrong
// credentials or a missing database: the operator's to mend, and nothing a caller should read about.
const unavailable = /^(08|53|57P|28|3D)/;

/** Turns "cannot be reached" and "took too long" into their codes; everything else stays as it is, for the caller to judge or mask. */
export function databaseError(thrown: unknown, timeoutMs: number): unknown {
  if (thrown instanceof AppError || !isServerError(thrown)) return thrown;
  const { code = '' } = thrown;
  if (code === '57014' || code === '25P03' || thrown.message === 'Query read timeout') {
    return errors.TIMEOUT({ seconds: Math.ceil(timeoutMs / 1000) }, { cause: thrown });
  }
  if (unavailable.test(code) || networkCodes.has(code) || networkMessage.test(thrown.message)) {
    return errors.SERVICE_UNAVAILABLE({}, { cause: thrown });
  }
  // 40001 serialization failure, 40P01 deadlock: the same request may succeed at once.
  if (code === '40001' || code === '40P01') {
    return errors.CONFLICT({ what: 'Another change was made at the same time', hint: 'repeat the request' }, { cause: thrown });
  }
  return thrown;
}

const hasCode = (thrown: unknown, code: string, constraint?: string): boolean =>
  isServerError(thrown) && thrown.code === code && (constraint === undefined || thrown.constraint === constraint);

/** True for a duplicate key, of the named constraint or index where one is given. */
export const isUniqueViolation = (thrown: unknown, constraint?: string): boolean => hasCode(thrown, '23505', constraint);

/** True for a reference to a missing row, of the named constraint where one is given. */
export const isForeignKeyViolation = (thrown: unknown, constraint?: string): boolean => hasCode(thrown, '23503', constraint);
