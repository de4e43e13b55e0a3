import type { z } from 'zod';

import { nearestName } from '#platform/errors';

import { concerns } from './concerns';

type Concerns = typeof concerns;
export type Config = { readonly [Name in keyof Concerns]: Readonly<z.infer<Concerns[Name]>> };

/** Settings that cannot be used. `problems` has one sentence each, all of them; the process exits with 78 (EX_CONFIG). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  static readonly exitCode = 78;

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

const knownNames = Object.values(concerns).flatMap((concern) => Object.keys(concern.shape));
/** Prefixes that are ours alone: a name that begins so and is not known is a typing error. */
const ownPrefixes = [
  'PARLEY_',
  'JWT_',
  'SANDBOX_',
  'GATEWAY_',
  'SUBGRAPH_',
  'RATE_LIMIT_',
  'SOCKETS_',
  'QUERY_',
  'DATABASE_',
  'EMBEDDINGS_',
];
const ignored = new Set(['PARLEY_NODE_FLAGS']);

/** Reads every concern from the environment. Empty values count as absent. Throws ConfigError with all problems at once. */
export function loadConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, concern] of Object.entries(concerns)) {
    const result = concern.safeParse(given);
    if (result.success) values[name] = result.data;
    else problems.push(...result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  for (const name of Object.keys(given)) {
    if (knownNames.includes(name) || ignored.has(name) || !ownPrefixes.some((prefix) => name.startsWith(prefix))) continue;
    const nearest = nearestName(name, knownNames);
    // An unrelated variable of the environment may share a prefix; only what looks like a slip is refused.
    if (nearest) problems.push(`${name}: no such setting; did you mean ${nearest}?`);
  }
  if (problems.length === 0) problems.push(...contradictions(values as unknown as Config));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(values) as unknown as Config;
}

function contradictions({ server, auth, gateway, embeddings }: Config): string[] {
  const problems: string[] = [];
  if (auth.JWT_SECRET && auth.JWT_JWKS_URL)
    problems.push('JWT_SECRET and JWT_JWKS_URL: set one of them, so that one algorithm family is accepted');
  const unknown = auth.JWT_ALGORITHMS.filter((algorithm) => !['RS256', 'ES256'].includes(algorithm));
  if (unknown.length > 0) problems.push(`JWT_ALGORITHMS: ${unknown.join(', ')} is not supported; use RS256 or ES256`);
  const remote = Object.entries(gateway).some(([name, value]) => name.startsWith('SUBGRAPH_') && value);
  if (remote && !auth.CONTEXT_SECRET) problems.push('CONTEXT_SECRET: needed where a subgraph runs in another process');
  const { EMBEDDINGS_URL: url, EMBEDDINGS_FOLDER: folder } = embeddings;
  if (url && folder) problems.push('EMBEDDINGS_URL and EMBEDDINGS_FOLDER: set one of them');
  if (url && !embeddings.EMBEDDINGS_MODEL) problems.push('EMBEDDINGS_MODEL: needed with EMBEDDINGS_URL');
  if ((url || folder) && !embeddings.EMBEDDINGS_DIMENSION)
    problems.push('EMBEDDINGS_DIMENSION: needed with EMBEDDINGS_URL or EMBEDDINGS_FOLDER; the description of the model says it');
  if (server.NODE_ENV === 'production') {
    if (!auth.JWT_SECRET && !auth.JWT_JWKS_URL) problems.push('JWT_SECRET or JWT_JWKS_URL: production does not start without one');
    if (!auth.ENCRYPTION_KEY) problems.push('ENCRYPTION_KEY: production does not start without one');
  }
  return problems;
}
