import type { Database, DatabaseOptions, MigrationFolder } from '#platform/db';

import { testDatabase } from './database';
import { describeWith } from './external';
import { postgresDatabase, postgresProgram, startPostgres, type TestPostgres } from './postgres';

export interface DatabaseWorld {
  readonly kind: Database['kind'];
  /** A migrated database of its own. */
  open(options?: Partial<DatabaseOptions> & { folders?: readonly MigrationFolder[] }): Promise<Database & AsyncDisposable>;
  /** The server, where it is PostgreSQL. */
  server(): TestPostgres;
}

/** Runs one suite on the embedded database and on a real PostgreSQL: a difference between them is a bug. */
export function describeOnBothDatabases(title: string, body: (world: DatabaseWorld) => void): void {
  describe(`${title} on PGlite`, () =>
    body({
      kind: 'pglite',
      open: ({ folders = [] } = {}) => testDatabase(folders),
      server: () => {
        throw new Error('PGlite has no server.');
      },
    }));

  describeWith(postgresProgram(), `${title} on PostgreSQL`, () => {
    let server: TestPostgres;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.stop());
    body({ kind: 'postgresql', open: (options) => postgresDatabase(server, options), server: () => server });
  });
}
