import { sql } from 'kysely';

import { describeWith } from '../../test/kit/external';
import { pgbouncerProgram, startPgbouncer, type TestPgbouncer } from '../../test/kit/pgbouncer';
import { postgresProgram, startPostgres, type TestPostgres } from '../../test/kit/postgres';

import { migrate, openDatabase } from '#platform/db';

const postgres = postgresProgram();

describeWith('path' in postgres ? pgbouncerProgram() : postgres, 'behind pgbouncer in transaction mode', () => {
  let server: TestPostgres;
  let pooler: TestPgbouncer;
  beforeAll(async () => {
    server = await startPostgres();
    pooler = await startPgbouncer(server, 2);
  });
  afterAll(async () => {
    await pooler?.stop();
    await server?.stop();
  });

  it('two tenants never meet over two shared connections, and no setting outlives its transaction', async () => {
    const name = await server.createDatabase();
    const db = await openDatabase({
      url: pooler.url(name, 'app_login'),
      migrationUrl: server.url(name, 'owner_login'),
      poolMax: 8,
      acquireTimeoutMs: 60_000,
      statementTimeoutMs: 60_000,
    });
    await migrate(db, []);
    const insert = (tenant: string, n: number) => sql`
      insert into idempotency_keys (tenant_id, key, hash, token, claimed_until, expires_at)
      values (${tenant}, ${String(n)}, 'h', 't', now(), now())`;
    await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const tenant = n % 2 ? 'left' : 'right';
        const work = db.inTenant(tenant, async (tx) => {
          await insert(tenant, n).execute(tx);
          const { rows } = await sql<{ tenant_id: string }>`select distinct tenant_id from idempotency_keys`.execute(tx);
          expect(rows).toEqual([{ tenant_id: tenant }]);
          if (n % 5 === 0) throw new Error('half-way');
          if (n % 5 === 1) await sql`select 1 / 0`.execute(tx);
        });
        if (n % 5 < 2) await expect(work).rejects.toThrow(/half-way|division by zero/);
        else await work;
        const left = await db.asSystem((tx) => sql<{ t: string }>`select current_setting('app.tenant_id', true) as t`.execute(tx));
        expect(left.rows).toEqual([{ t: '' }]);
      }),
    );
    const { rows } = await db.asSystem((tx) => sql<{ n: string }>`select count(*) as n from idempotency_keys`.execute(tx));
    expect(rows).toEqual([{ n: '120' }]);
    await db.close();
  });
});
