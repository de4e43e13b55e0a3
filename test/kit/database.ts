import { openTemplateDatabase } from '../../platform/db/template';

import type { Database, MigrationFolder } from '#platform/db';

export type TestDatabase<Tables = unknown> = Database<Tables> & AsyncDisposable;

/**
 * A migrated database of its own, in memory: `await using db = await testDatabase([{ name: 'chat', directory }])`. The kernel's
 * migrations are always in it. Closed at the end of the block, or by `close()`.
 */
export async function testDatabase<Tables = unknown>(folders: readonly MigrationFolder[] = []): Promise<TestDatabase<Tables>> {
  const db = await openTemplateDatabase(folders);
  return Object.assign(db.withTables<Tables>(), { [Symbol.asyncDispose]: () => db.close() });
}
