import path from 'node:path';

import { Command, Option } from 'commander';

import { createTenantDirectory, tiers, type TenantRecord } from '#platform/auth';
import { loadConfig } from '#platform/config';
import { DirectoryInUse, migrate, openDatabase, platformMigrations } from '#platform/db';

import { applyTenantChange, askControl, tenantChange, type TenantChange } from './control';

/** `npm run tenant -- --tenant T --tier standard`: changes a tenant's record, in the running server or in the database. */
async function main(): Promise<void> {
  const program = new Command('tenant')
    .description('Shows a tenant, or sets its tier or status.')
    .requiredOption('--tenant <id>', 'tenant')
    .addOption(new Option('--tier <tier>', 'request and socket limits').choices([...tiers]))
    .addOption(new Option('--status <status>', 'a suspended tenant is refused').choices(['active', 'suspended']))
    .parse(process.argv);
  const change = tenantChange.parse(program.opts());
  const config = loadConfig();
  const dataDirectory = path.resolve(config.server.PARLEY_DATA_DIR);
  const record = (await askControl(dataDirectory, change)) ?? (await changeDirectly(config, { dataDirectory, change }));
  console.log(record ? JSON.stringify(record) : `No tenant ${change.tenant} yet; it appears with its first valid token.`);
}

async function changeDirectly(
  { database }: ReturnType<typeof loadConfig>,
  { dataDirectory, change }: { dataDirectory: string; change: TenantChange },
): Promise<TenantRecord | null> {
  const url = database.DATABASE_URL;
  const db = await openDatabase(
    url ? { url, migrationUrl: database.DATABASE_MIGRATION_URL } : { dataDirectory: path.join(dataDirectory, 'metadata') },
  );
  try {
    await migrate(db, [platformMigrations]);
    return await applyTenantChange(createTenantDirectory({ db }), change);
  } finally {
    await db.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof DirectoryInUse || error instanceof Error ? error.message : error);
  process.exit(1);
});
