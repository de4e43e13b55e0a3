import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

const secretsFile = z.object({ jwtSecret: z.string().min(32), contextSecret: z.string().min(32), encryptionKey: z.string().min(32) });
export type LocalSecrets = Readonly<z.infer<typeof secretsFile>>;

/**
 * Secrets of a deployment that names none: made at the first start, kept in the data directory with mode 0600, so that tokens and
 * stored credentials survive a restart. `wx` makes the creation exclusive, should two processes start at once.
 */
export function localSecrets(dataDirectory: string): LocalSecrets {
  const file = path.join(dataDirectory, 'secrets.json');
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) {
    const made: LocalSecrets = { jwtSecret: makeSecret(), contextSecret: makeSecret(), encryptionKey: makeSecret() };
    try {
      writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  chmodSync(file, 0o600);
  return secretsFile.parse(JSON.parse(readFileSync(file, 'utf8')));
}

const makeSecret = (): string => randomBytes(32).toString('base64url');
