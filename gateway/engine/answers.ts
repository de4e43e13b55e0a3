import { GraphQLError, type ExecutionResult } from 'graphql';

import { errors, toPublicError } from '#platform/errors';
import type { RequestContext } from '#platform/graphql';

import { abortFailure } from './execution/abort';
import type { Run } from './execution/run';
import { maxErrorsPerFetch } from './execution/sender';
import { maskError, publicGraphQLError, repeatAt, unexplained } from './masking/mask-error';
import type { CompiledOperation } from './operation/compile-operation';
import { Refusal } from './operation/refusal';
import { publicName } from './planning/private-names';
import type { Violation } from './shaping/shaper';
import type { EngineLog } from './types';

/** An operation that has been let in, with what one execution of it has gathered. */
export interface Started {
  readonly compiled: CompiledOperation;
  readonly run: Run;
  /** Present for operations that came as text. */
  readonly cost?: number;
}

export interface AnswerParts {
  readonly log: EngineLog;
  readonly maxCost: number;
}

/** The client's answer from what the plan has fetched. */
export function finishAnswer({ compiled, run, cost }: Started, { log, maxCost }: AnswerParts): ExecutionResult {
  const conditions = run.conditions as Readonly<Record<string, boolean>>;
  if (compiled.introspect) Object.assign(run.root, compiled.introspect(run.variables, conditions));
  for (const { path, coordinate } of compiled.withheld) run.errors.push(withheldError({ run, path, coordinate }, log));
  const { data, violations } = compiled.shape(run.root);
  // Errors of fetches have the names of the plan.
  if (run.errors.length > 0)
    run.errors.forEach((error, index) => (run.errors[index] = error.path ? repeatAt(error, error.path.map(publicName)) : error));
  const open = violations.length === 0 ? violations : unexplained(violations, run);
  if (open.length > 0) reportViolations(open, { run, isNull: data === null, log });
  const extensions: Record<string, unknown> = {};
  if (open.length > 0) extensions.valueCompletion = open.map(({ message, path }) => ({ message, path }));
  if (cost !== undefined) extensions.cost = { requested: cost, max: maxCost };
  const hasExtensions = open.length > 0 || cost !== undefined;
  if (run.errors.length > 0) return { errors: run.errors, data, ...(hasExtensions ? { extensions } : {}) };
  return hasExtensions ? { data, extensions } : { data };
}

function reportViolations(
  open: readonly Violation[],
  { run, isNull, log }: { readonly run: Run; readonly isNull: boolean; readonly log: EngineLog },
): void {
  const { requestId } = run.context;
  if (open.some(({ kind }) => kind !== 'null')) {
    const facts = { event: 'graph.mismatch', requestId, operation: run.operationName, violations: open.slice(0, 5) };
    log.error(facts, 'a subgraph gave what the schema does not allow');
  }
  // An entity that is gone nulls its parent without being a failure; an answer that is null as a whole has to say why.
  const mustSay = isNull && run.errors.length === 0 ? open : open.filter(({ kind }) => kind === 'unanswered');
  for (const { path } of mustSay.slice(0, maxErrorsPerFetch))
    run.errors.push(publicGraphQLError(toPublicError(undefined), requestId, path));
}

function withheldError(
  { run, path, coordinate }: { readonly run: Run; readonly path: readonly string[]; readonly coordinate: string },
  log: EngineLog,
): GraphQLError {
  const { caller, requestId } = run.context;
  const thrown =
    caller.userId === ''
      ? errors.UNAUTHORIZED({ hint: `${coordinate} needs one` })
      : errors.FORBIDDEN({ hint: `the token's scope does not include ${coordinate}` });
  return maskError({ thrown, requestId, path }, log);
}

/** The answer to an operation that did not run, or that ended as a whole. */
export function failedAnswer(thrown: unknown, { requestId, signal }: RequestContext, log: EngineLog): ExecutionResult {
  if (!(thrown instanceof Refusal))
    return { errors: [maskError({ thrown: signal.aborted ? abortFailure(signal) : thrown, requestId }, log)] };
  return {
    errors: thrown.reasons.map(({ message, nodes, source, positions, extensions }) => {
      const shown = { code: 'INVALID_REQUEST', retryable: false, ...extensions, requestId };
      return new GraphQLError(message, { nodes, source, positions, extensions: shown });
    }),
  };
}
