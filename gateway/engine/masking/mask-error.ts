import { GraphQLError } from 'graphql';

import { errors, findAppError, isErrorCode, toPublicError, type AppError, type PublicError } from '#platform/errors';

import type { Run } from '../execution/run';
import type { ResultPath, Violation } from '../shaping/shaper';
import type { EngineLog } from '../types';

export interface Failure {
  /** What was thrown, or what a subgraph sent. */
  readonly thrown: unknown;
  readonly requestId: string;
  readonly subgraph?: string;
  readonly path?: ResultPath;
}

/** Marks errors that have been through `maskError`, so that no other door logs or masks them again. */
const masked = new WeakSet<GraphQLError>();

export const isMasked = (error: GraphQLError): boolean => masked.has(error);

const extensionsOf = (thrown: unknown): Readonly<Record<string, unknown>> | undefined => {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const { extensions } = thrown as { extensions?: unknown };
  return typeof extensions === 'object' && extensions !== null ? (extensions as Record<string, unknown>) : undefined;
};

/** A subgraph in another process has masked its errors already: one with a code of the catalogue keeps its message. */
function fromRemote(thrown: unknown): PublicError | undefined {
  const extensions = extensionsOf(thrown);
  const code = extensions?.code;
  if (!isErrorCode(code) || code === 'INTERNAL_ERROR') return undefined;
  const { message } = thrown as { message?: unknown };
  const { details, retryable, field } = extensions ?? {};
  return {
    code,
    message: typeof message === 'string' ? message.slice(0, 2_000) : code,
    status: 0,
    retryable: retryable === true,
    ...(typeof field === 'string' ? { field } : {}),
    ...(typeof details === 'object' && details !== null ? { details: details as Record<string, unknown> } : {}),
  };
}

/** What the client may see of a failure. Whatever is not of the catalogue is logged here, once, and shown as INTERNAL_ERROR. */
export function maskError({ thrown, requestId, subgraph, path }: Failure, log: EngineLog): GraphQLError {
  const known = findAppError(thrown) ?? badValue(thrown);
  const shown = known ? toPublicError(known) : (fromRemote(thrown) ?? toPublicError(thrown));
  if (shown.code === 'INTERNAL_ERROR' || known?.entry.blame === 'service') {
    log.error(
      { event: 'graph.failed', requestId, subgraph, path, err: known?.options.cause ?? originalOf(thrown) },
      'unexpected failure in the graph',
    );
  } else if (known?.entry.blame === 'upstream' && known.options.cause !== undefined) {
    log.warn(
      { event: 'graph.upstream_failed', requestId, subgraph, path, code: known.code, err: known.options.cause },
      'a part of the graph is unavailable',
    );
  }
  return publicGraphQLError(shown, requestId, path);
}

/** graphql-js's own words about a value that a scalar of the subgraph refused; they name only what the client sent. */
const coercion = /^(Variable "\$|Argument ")/;

function badValue(thrown: unknown): AppError | undefined {
  if (
    !(thrown instanceof GraphQLError) ||
    !coercion.test(thrown.message) ||
    (thrown.originalError && !(thrown.originalError instanceof GraphQLError))
  )
    return undefined;
  return errors.INVALID_REQUEST({ what: 'value', hint: thrown.message.replace(/\.$/, '') });
}

const originalOf = (thrown: unknown): unknown => (thrown instanceof GraphQLError && thrown.originalError ? thrown.originalError : thrown);

export function publicGraphQLError(shown: PublicError, requestId: string, path?: ResultPath): GraphQLError {
  const error = new GraphQLError(shown.message, {
    ...(path ? { path } : {}),
    extensions: {
      code: shown.code,
      retryable: shown.retryable,
      requestId,
      ...(shown.field === undefined ? {} : { field: shown.field }),
      ...(shown.details === undefined ? {} : { details: shown.details }),
    },
  });
  masked.add(error);
  return error;
}

/** The same failure at another place: masked and logged already. */
export function repeatAt(error: GraphQLError, path: ResultPath): GraphQLError {
  const repeated = new GraphQLError(error.message, { path, extensions: error.extensions });
  masked.add(repeated);
  return repeated;
}

const covers = (at: ResultPath | undefined, place: ResultPath): boolean => {
  if (!at) return true;
  const common = Math.min(at.length, place.length);
  for (let index = 0; index < common; index += 1) if (at[index] !== place[index]) return false;
  return true;
};

/** Fields that were withheld are named without places in lists. */
const namesIn = (path: ResultPath): ResultPath => path.filter((element) => typeof element === 'string');

/** Places that do not fit the schema and that no error of a subgraph explains. */
export const unexplained = (violations: readonly Violation[], { errors: known }: Run): readonly Violation[] =>
  violations.filter(({ path }) => !known.some((error) => covers(error.path, path) || covers(error.path, namesIn(path))));
