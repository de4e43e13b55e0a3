/** Who has to act for the failure to go away: the caller, this service, or something this service depends on. */
export type Blame = 'caller' | 'service' | 'upstream';

export interface CatalogueEntry {
  /** HTTP status of the REST answer. */
  readonly status: number;
  readonly blame: Blame;
  /** True where the same request may succeed later without a change. */
  readonly retry: boolean;
  /** `{name}` is replaced by the parameter of that name. Says what was wrong and what would be right. */
  readonly message: string;
}

const define = <Codes extends string>(entries: Record<Codes, CatalogueEntry>): Readonly<Record<Codes, CatalogueEntry>> =>
  Object.freeze(entries);

/**
 * Every failure the service can name. Throwers, the GraphQL form, the REST envelope, the OpenAPI error answers and the page of
 * codes are derived from this table, so one code means the same at all doors.
 */
export const catalogue = define({
  INVALID_REQUEST: { status: 400, blame: 'caller', retry: false, message: '{what} is not valid: {hint}.' },
  UNAUTHORIZED: { status: 401, blame: 'caller', retry: false, message: 'A valid bearer token is needed: {hint}.' },
  FORBIDDEN: { status: 403, blame: 'caller', retry: false, message: 'Not allowed: {hint}.' },
  NOT_FOUND: { status: 404, blame: 'caller', retry: false, message: 'No such {kind}.' },
  METHOD_NOT_ALLOWED: { status: 405, blame: 'caller', retry: false, message: '{method} is not supported here; use {allow}.' },
  NOT_ACCEPTABLE: { status: 406, blame: 'caller', retry: false, message: 'Answers here are {types}; ask for one of them in Accept.' },
  CONFLICT: { status: 409, blame: 'caller', retry: true, message: '{what}; {hint}.' },
  PRECONDITION_FAILED: {
    status: 412,
    blame: 'caller',
    retry: false,
    message: 'The {kind} has changed since version {expected}; read it again (now version {actual}) and repeat the change.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    blame: 'caller',
    retry: false,
    message: 'The request is too large: at most {maxBytes} bytes are accepted.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    blame: 'caller',
    retry: false,
    message: 'Content-Type {type} is not understood; send {expected}.',
  },
  SQL_REJECTED: { status: 422, blame: 'caller', retry: false, message: 'Only one read-only statement may run: {reason}.' },
  QUERY_FAILED: { status: 422, blame: 'caller', retry: false, message: 'The query could not be answered: {reason}.' },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    blame: 'caller',
    retry: false,
    message: 'This Idempotency-Key was used with another request; use a new key for a new request.',
  },
  RATE_LIMITED: { status: 429, blame: 'caller', retry: true, message: 'Too many requests; retry after {seconds} s.' },
  BUDGET_EXCEEDED: { status: 429, blame: 'caller', retry: false, message: 'The model budget is spent: {hint}.' },
  INTERNAL_ERROR: { status: 500, blame: 'service', retry: false, message: 'Something went wrong on our side.' },
  LLM_UNAVAILABLE: { status: 503, blame: 'upstream', retry: true, message: 'No language model could answer: {hint}.' },
  SERVICE_UNAVAILABLE: { status: 503, blame: 'upstream', retry: true, message: 'Part of the service is unavailable; retry in a moment.' },
  TIMEOUT: { status: 504, blame: 'upstream', retry: true, message: 'No answer within {seconds} s.' },
});

export type ErrorCode = keyof typeof catalogue;
