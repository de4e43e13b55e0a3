import type { ExecutionResult } from 'graphql';

import { errors, type AppError } from '#platform/errors';
import { createRequestContext } from '#platform/graphql';
import type { IdempotencyStore } from '#platform/limits';

import type { GraphEngine } from '../../gateway/engine/types';
import { resultKey } from '../view/operation';
import type { CompiledRoute } from '../view/compile-route';
import { hasBody, type Parameter } from '../view/parameters';
import type { VariablesRead } from '../view/read-variables';
import { elapsedMs, failed, failure, jsonType, type Answer } from './answer';
import { binaryAnswer } from './binary';
import type { Call, Endpoint } from './call';
import { writeEnvelope } from './envelope';
import { isFresh, readIfMatch, weakEtag } from './etag';
import { graphErrorToElement, worstFirst } from './graph-errors';
import { readIdempotencyKey, runOnce } from './idempotency';
import { ownIdentity } from './identity';
import { requireAcceptable } from './negotiate';
import { readQuery } from './read-query';
import type { Body } from './upload';

const nothing: Body = { values: {}, isText: false };

export interface GraphEndpointDeps {
  readonly engine: GraphEngine;
  readonly idempotency: IdempotencyStore;
  /** Reads the body of a write: JSON, or a form with files where the route takes some. */
  readBody(call: Call, route: CompiledRoute): Promise<Body>;
}

/** A route of the graph as an endpoint: check, read, run the fixed operation once, wrap. */
export function graphEndpoint({ engine, idempotency, readBody }: GraphEndpointDeps, route: CompiledRoute): Endpoint {
  const { spec, parameters } = route;
  const isBinary = route.selection.kind === 'binary';
  const isWrite = hasBody(spec.method);
  const requireOwn = ownIdentity(parameters);
  const json = ['application/json'];

  const execute = async (call: Call, read: VariablesRead, keyed: boolean): Promise<Answer> => {
    // A keyed request runs to its end even where the client has gone: it will come back for the answer.
    const signal = keyed ? undefined : call.signal;
    const { caller, requestId, traceparent } = call;
    const context = createRequestContext({ caller, requestId, signal, traceparent });
    const result = await engine.execute({
      source: route.operation,
      operationName: route.operationName,
      variables: read.variables,
      context,
    });
    return toAnswer(call, route, { result, warnings: warningsOf(read) });
  };

  return {
    method: spec.method,
    path: `/api/${route.version}${spec.path}`,
    operation: spec.field,
    async handle(call) {
      if (!isBinary) requireAcceptable(call.req.headers.accept, json);
      const query = readQuery(call.search);
      if (isWrite) refuseQuery(call, query, parameters);
      const { values: body, isText } = isWrite ? await readBody(call, route) : nothing;
      requireOwn(call.caller, query);
      requireOwn(call.caller, body);
      const read = withVersion(
        call,
        route,
        route.read({ path: call.params, query: isWrite ? nothing.values : query, body, isBodyText: isText }),
      );
      if (read.problems.length > 0) return failure(call, read.problems);
      const key = spec.method === 'POST' ? readIdempotencyKey(call.req.headers) : undefined;
      if (key === undefined) return execute(call, read, false);
      return runOnce(idempotency, { caller: call.caller, key, method: call.method, path: call.path, body }, () =>
        execute(call, read, true),
      );
    },
  };
}

/** A value in two places is a value that nobody can be sure of (a proxy logs one, the server obeys the other). */
function refuseQuery({ method }: Call, query: Readonly<Record<string, unknown>>, parameters: readonly Parameter[]): void {
  const stray = Object.keys(query).find((key) => key !== 'tenant_id' && key !== 'user_id');
  if (stray === undefined) return;
  const hint = parameters.some(({ key }) => key === stray) ? `send ${stray} in the JSON body` : `a ${method} takes no query parameters`;
  throw errors.INVALID_REQUEST({ what: `query.${stray}`, hint }, { field: `query.${stray}` });
}

/** `If-Match` is the version that the writer has seen. */
function withVersion({ req }: Call, { versionParameter }: CompiledRoute, read: VariablesRead): VariablesRead {
  const given = req.headers['if-match'];
  if (given === undefined || req.method === 'GET' || req.method === 'HEAD') return read;
  const problem = (hint: string): AppError => errors.INVALID_REQUEST({ what: 'If-Match', hint }, { field: 'header.if-match' });
  if (!versionParameter)
    return { ...read, problems: [...read.problems, problem('this resource has no versions to compare; leave it out')] };
  const version = readIfMatch(given);
  if (version === undefined) return read;
  const [outer, inner] = versionParameter.target;
  const holder = (inner === undefined ? read.variables : (read.variables[outer] ??= {})) as Record<string, unknown>;
  const name = inner ?? outer;
  if (holder[name] !== undefined && holder[name] !== version) {
    return { ...read, problems: [...read.problems, problem(`it differs from ${versionParameter.key}; send one of them`)] };
  }
  holder[name] = version;
  return read;
}

const none: readonly never[] = [];

const warningsOf = ({ deprecated }: VariablesRead): readonly string[] =>
  deprecated.length === 0 ? none : deprecated.map(({ key, deprecationReason }) => `${key} is deprecated: ${deprecationReason}`);

interface Outcome {
  readonly result: ExecutionResult;
  readonly warnings: readonly string[];
}

const revalidated = 'private, no-cache';
const unkept = { 'Content-Type': jsonType, 'Cache-Control': 'no-store' };

function toAnswer(call: Call, route: CompiledRoute, { result, warnings }: Outcome): Answer {
  const raw = result.data?.[resultKey];
  const elements = result.errors
    ? worstFirst(result.errors.map((error) => graphErrorToElement(error, route.parameters, call.requestId)))
    : none;
  if (raw === null || raw === undefined) {
    if (elements.length > 0) return failed(call, precondition(call, elements));
    if (route.missingKind !== undefined) return failure(call, errors.NOT_FOUND({ kind: route.missingKind }));
  }
  if (route.selection.kind === 'binary') return binaryAnswer(raw);
  const data = raw === undefined ? null : route.shape ? route.shape(raw) : raw;
  const dataJson = JSON.stringify(data);
  const etag = route.spec.method === 'GET' && elements.length === 0 ? weakEtag(dataJson, data) : undefined;
  if (etag !== undefined && isFresh(call.req.headers['if-none-match'], etag))
    return { status: 304, headers: { ETag: etag, 'Cache-Control': revalidated }, body: null };
  const said = elements.length > 0 ? [...warnings, 'Part of the answer is missing: see errors.'] : warnings;
  return {
    status: route.spec.status,
    headers: etag === undefined ? unkept : { 'Content-Type': jsonType, ETag: etag, 'Cache-Control': revalidated },
    body: writeEnvelope({ success: true, errors: elements, warnings: said, execution_time_ms: elapsedMs(call.startedAt) }, dataJson),
  };
}

/** A lost race is CONFLICT to those who named a version in the body and PRECONDITION_FAILED to those who said If-Match (RFC 9110 §13.1.1). */
function precondition({ req }: Call, elements: ReturnType<typeof worstFirst>): ReturnType<typeof worstFirst> {
  if (req.headers['if-match'] === undefined) return elements;
  return elements.map((element) => (element.code === 'CONFLICT' ? { ...element, code: 'PRECONDITION_FAILED' as const } : element));
}
