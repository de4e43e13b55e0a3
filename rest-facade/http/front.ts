import { performance } from 'node:perf_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Caller, Tier } from '#platform/auth';
import { errors, type AppError } from '#platform/errors';
import type { RateLimiter, RateRule } from '#platform/limits';
import type { Logger } from '#platform/telemetry';

import { requestQuotaKey } from '../../gateway/plugins/rate-limit';
import { failure, streamed, type Answer } from './answer';
import type { Endpoint } from './call';
import { rateHeaders, rateLimited } from './rate-headers';
import { readAddress, readBearer, readRequestId, readTraceparent } from './request-facts';
import type { Router } from './router';

export interface FrontDeps {
  readonly router: Router<Endpoint>;
  /** Throws UNAUTHORIZED or FORBIDDEN. */
  authenticate(token: string | undefined): Promise<Caller>;
  readonly limiter: RateLimiter;
  readonly tierRules: Readonly<Record<Tier, RateRule>>;
  readonly versions: readonly string[];
  readonly logger: Logger;
  /** Told of every finished request, for metrics. */
  onAnswer?(operation: string, status: number, seconds: number): void;
}

/** What every request to `/api` goes through: identity, quota, address, endpoint, headers, log line. */
export function createFront(deps: FrontDeps): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  const { router, logger } = deps;

  return async (req, res) => {
    const requestId = readRequestId(req.headers);
    const startedAt = performance.now();
    const { path, search } = readAddress(req);
    const method = req.method === 'HEAD' ? 'GET' : (req.method ?? 'GET');
    const found = router.find(method, path);
    const headers: Record<string, string> = { 'X-Request-ID': requestId, Vary: 'Authorization, Accept' };
    if (found.outcome === 'found') Object.assign(headers, found.target.headers?.(found.params));
    const gone = new AbortController();
    res.on('close', () => {
      // After a finished answer nobody is left to be told, and telling costs more than the rest of a small request.
      if (!res.writableFinished) gone.abort();
    });
    let answer: Answer | typeof streamed;
    let caller: Caller | undefined;
    try {
      if (req.method === 'OPTIONS' && found.outcome === 'wrong-method') {
        answer = { status: 204, headers: { Allow: [...found.allow, 'OPTIONS'].join(', ') }, body: null };
      } else {
        const token = readBearer(req.headers);
        if (token !== undefined || found.outcome === 'found') caller = await deps.authenticate(token);
        if (caller) await takeQuota(deps, caller, headers);
        if (found.outcome !== 'found')
          throw found.outcome === 'unknown' ? unknownRoute(deps.versions, path) : wrongMethod(req.method, found.allow);
        // Every member written out: a literal with spreads takes V8 as long as a small read of the graph.
        answer = await found.target.handle({
          req, res, method, path, search, headers, requestId, startedAt,
          params: found.params,
          caller: caller!,
          signal: gone.signal,
          traceparent: readTraceparent(req.headers),
        }); // prettier-ignore
      }
    } catch (thrown) {
      answer = failure({ requestId, startedAt }, thrown, allowHeader(found));
      if (answer.status >= 500) logger.error({ event: 'rest.failed', requestId, err: thrown }, 'request failed');
    }
    if (answer !== streamed) send(res, answer, { headers, bodiless: req.method === 'HEAD' });
    const operation = found.outcome === 'found' ? found.target.operation : 'unknown';
    const status = answer === streamed ? res.statusCode : answer.status;
    const seconds = (performance.now() - startedAt) / 1000;
    deps.onAnswer?.(operation, status, seconds);
    logger.info(
      {
        event: 'rest.answered',
        requestId,
        tenantId: caller?.tenantId,
        userId: caller?.userId,
        operation,
        method: req.method,
        status,
        durationMs: Math.round(seconds * 1000),
      },
      'request answered',
    );
  };
}

/** Counts the request. The headers are set before it may throw: a refusal tells when to come back. */
async function takeQuota({ limiter, tierRules }: FrontDeps, caller: Caller, headers: Record<string, string>): Promise<void> {
  const rule = tierRules[caller.tier];
  const decision = await limiter.take(requestQuotaKey(caller.tenantId), rule);
  Object.assign(headers, rateHeaders(decision, rule, Date.now()));
  if (!decision.allowed) throw rateLimited(decision);
}

const wrongMethod = (method: string | undefined, allow: readonly string[]): AppError =>
  errors.METHOD_NOT_ALLOWED({ method, allow: allow.join(', ') });

function unknownRoute(versions: readonly string[], path: string): AppError {
  const version = /^\/api\/(v\d+)(\/|$)/.exec(path)?.[1];
  const served = version === undefined || versions.includes(version);
  return errors.NOT_FOUND({ kind: served ? 'route; /docs lists them all' : `API version; served are ${versions.join(', ')}` });
}

const allowHeader = (found: ReturnType<Router<Endpoint>['find']>): Record<string, string> =>
  found.outcome === 'wrong-method' ? { Allow: found.allow.join(', ') } : {};

/** `headers` are this request's own, and take the answer's too. */
export function send(
  res: ServerResponse,
  answer: Answer,
  { headers, bodiless }: { headers: Record<string, string>; bodiless: boolean },
): void {
  if (res.headersSent || res.destroyed) return;
  const body = answer.body;
  Object.assign(headers, answer.headers);
  if (body !== null) headers['Content-Length'] = String(typeof body === 'string' ? Buffer.byteLength(body) : body.length);
  res.writeHead(answer.status, headers);
  res.end(bodiless || body === null ? undefined : body);
}
