import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { projectRoot } from '#platform/lifecycle';

import { ConfigError, envExample, loadConfig, localSecrets } from './index';

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('configuration', () => {
  it('is complete with nothing set', () => {
    const config = loadConfig({});
    expect(config.server.PORT).toBe(8000);
    expect(config.database.DATABASE_URL).toBeUndefined();
    expect(config.limits).toMatchObject({ RATE_LIMIT_FREE: 60, RATE_LIMIT_STANDARD: 300, RATE_LIMIT_ENTERPRISE: 1000 });
  });

  it('names every problem in one error', () => {
    const problems = problemsOf({ PORT: 'ninety', JWT_SECRET: 'short', LOG_LEVEL: 'loud' });
    expect(problems).toHaveLength(3);
    expect(problems.join(' ')).toMatch(/PORT.*JWT_SECRET.*LOG_LEVEL/s);
  });

  it('refuses a mistyped name and says the right one', () => {
    expect(problemsOf({ DATABASE_URI: 'postgresql://localhost/x' })).toEqual(['DATABASE_URI: no such setting; did you mean DATABASE_URL?']);
  });

  it('wants an encoder named whole, and only one', () => {
    expect(problemsOf({ EMBEDDINGS_URL: 'http://localhost:1/v1', EMBEDDINGS_MODEL: 'small', EMBEDDINGS_DIMENSION: '384' })).toEqual([]);
    expect(problemsOf({ EMBEDDINGS_URL: 'http://localhost:1/v1', EMBEDDINGS_FOLDER: 'models' })).toEqual([
      expect.stringContaining('set one of them'),
      expect.stringContaining('EMBEDDINGS_MODEL: needed'),
      expect.stringContaining('EMBEDDINGS_DIMENSION: needed'),
    ]);
  });

  it('refuses to start production without explicit secrets', () => {
    const problems = problemsOf({ NODE_ENV: 'production' });
    expect(problems).toEqual([expect.stringContaining('JWT_SECRET or JWT_JWKS_URL'), expect.stringContaining('ENCRYPTION_KEY')]);
  });

  it('refuses a remote subgraph without the secret that signs its context', () => {
    expect(problemsOf({ SUBGRAPH_SQL_URL: 'http://sql:8001/graphql' })).toEqual([expect.stringContaining('CONTEXT_SECRET')]);
  });

  it('makes secrets once, for the owner only, and keeps them', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'parley-secrets-'));
    const first = localSecrets(directory);
    expect(localSecrets(directory)).toEqual(first);
    expect(statSync(path.join(directory, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('is described by .env.example, setting by setting', () => {
    expect(readFileSync(path.join(projectRoot, '.env.example'), 'utf8')).toBe(envExample());
  });
});
