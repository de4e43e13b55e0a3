import path from 'node:path';

import { Command, Option } from 'commander';

import { mintToken, roles, type Role } from '#platform/auth';
import { loadConfig, localSecrets } from '#platform/config';

/** `npm run token -- --tenant T --user U --role R`: a token for development, on stdout. */
const program = new Command('token')
  .description('Makes a development token, signed with JWT_SECRET or the secret of the data directory.')
  .requiredOption('--tenant <id>', 'tenant')
  .requiredOption('--user <id>', 'user')
  .addOption(new Option('--role <role>', 'role').choices([...roles]).default('analyst'))
  .option('--hours <number>', 'how long it is valid', '24')
  .parse(process.argv);

const { tenant, user, role, hours } = program.opts<{ tenant: string; user: string; role: Role; hours: string }>();
const { auth, server } = loadConfig();
if (auth.JWT_JWKS_URL || server.NODE_ENV === 'production') {
  program.error('Tokens of this deployment come from its own issuer; this command is for development.');
}
const lifetimeSeconds = Math.round(Number(hours) * 3_600);
if (!Number.isFinite(lifetimeSeconds) || lifetimeSeconds <= 0) program.error('--hours must be a number above 0.');
const secret = auth.JWT_SECRET ?? localSecrets(path.resolve(server.PARLEY_DATA_DIR)).jwtSecret;
console.log(
  mintToken(secret, {
    tenantId: tenant,
    userId: user,
    roles: [role],
    lifetimeSeconds,
    ...(auth.JWT_ISSUER ? { issuer: auth.JWT_ISSUER } : {}),
    ...(auth.JWT_AUDIENCE ? { audience: auth.JWT_AUDIENCE } : {}),
  }),
);
