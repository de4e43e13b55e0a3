import { mintToken } from '#platform/auth';
import type { Config, LocalSecrets } from '#platform/config';

export interface BannerFacts {
  readonly config: Config;
  readonly secrets: LocalSecrets;
  readonly port: number;
  readonly sources: readonly string[];
}

/** What a person needs after the start: the addresses, a token, a first question to paste. */
export function banner({ config, secrets, port, sources }: BannerFacts): string {
  const { server, auth } = config;
  const host = server.HOST === '0.0.0.0' || server.HOST === '::' ? 'localhost' : server.HOST;
  const base = `http://${host}:${port}`;
  const lines = [
    '',
    `Parley is ready at ${base}`,
    `  console    ${base}/`,
    `  GraphQL    ${base}/graphql`,
    `  REST       ${base}/api/v1    (documentation ${base}/docs)`,
    ...(sources.length > 0 ? [`  sources    ${sources.join(', ')}`] : []),
  ];
  if (server.NODE_ENV === 'production' || auth.JWT_JWKS_URL) return lines.join('\n');
  const token = mintToken(auth.JWT_SECRET ?? secrets.jwtSecret, {
    tenantId: server.DEMO_TENANT,
    userId: 'demo',
    roles: ['admin'],
    ...(auth.JWT_ISSUER ? { issuer: auth.JWT_ISSUER } : {}),
    ...(auth.JWT_AUDIENCE ? { audience: auth.JWT_AUDIENCE } : {}),
  });
  lines.push(
    '',
    'A token of the demo tenant, good for a day:',
    '',
    `export PARLEY_TOKEN=${token}`,
    '',
    'The console, signed in (the token stays behind the hash, which browsers keep to themselves):',
    '',
    `${base}/#token=${token}`,
    '',
    'A first question:',
    '',
    `curl -s ${base}/api/v1/sql/ask -H "Authorization: Bearer $PARLEY_TOKEN" -H 'Content-Type: application/json' -d '{"question": "How many flights were there?"}'`,
    '',
  );
  return lines.join('\n');
}
