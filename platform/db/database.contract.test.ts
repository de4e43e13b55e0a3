import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { sql } from 'kysely';

import { describeOnBothDatabases } from '../../test/kit/both-databases';

import {
  afterCommit,
  isUniqueViolation,
  json,
  migrate,
  onSignal,
  signalAfterCommit,
  type Database,
  type MigrationFolder,
} from '#platform/db';

const directories: string[] = [];
afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

const migrations = (files: Readonly<Record<string, string>>, name = 'notes'): MigrationFolder => {
  const directory = mkdtempSync(path.join(tmpdir(), 'parley-migrations-'));
  directories.push(directory);
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(directory, file), text);
  return { name, directory };
};

const notesTable = `create table notes (id text primary key, tenant_id text not null, body text not null);
select make_tenant_table('notes');`;

interface Tables {
  notes: { id: string; tenant_id: string; body: string };
}

const put = (db: Database<Tables>, tenant_id: string, id: string) =>
  db.inTenant(tenant_id, (tx) => tx.insertInto('notes').values({ id, tenant_id, body: 'b' }).execute());
const idsOf = async (db: Database<Tables>, tenantId: string): Promise<string[]> =>
  (await db.inTenant(tenantId, (tx) => tx.selectFrom('notes').select('id').orderBy('id').execute())).map(({ id }) => id);

describeOnBothDatabases('the metadata database', (world) => {
  let db: Database<Tables> & AsyncDisposable;
  beforeAll(async () => {
    db = (await world.open({
      folders: [migrations({ '0001_notes.sql': notesTable })],
      poolMax: 2,
    })) as Database<Tables> & AsyncDisposable;
  });
  afterAll(() => db?.close());

  describe('tenancy', () => {
    it('shows a tenant its own rows and none of another, also to a query that names no tenant', async () => {
      await put(db, 'acme', 'a-1');
      await put(db, 'globex', 'g-1');
      expect(await idsOf(db, 'acme')).toEqual(['a-1']);
      expect(await idsOf(db, 'globex')).toEqual(['g-1']);
      expect(await idsOf(db, 'nobody')).toEqual([]);
    });

    it('refuses to write, move, change or delete a row of another tenant', async () => {
      await put(db, 'acme', 'a-2');
      await expect(
        db.inTenant('globex', (tx) => tx.insertInto('notes').values({ id: 'x', tenant_id: 'acme', body: '' }).execute()),
      ).rejects.toThrow(/row-level security/);
      await expect(
        put(db, 'globex', 'own').then(() => db.inTenant('globex', (tx) => tx.updateTable('notes').set({ tenant_id: 'acme' }).execute())),
      ).rejects.toThrow(/row-level security/);
      const [updated] = await db.inTenant('globex', (tx) =>
        tx.updateTable('notes').set({ body: 'mine' }).where('id', '=', 'a-2').execute(),
      );
      const [deleted] = await db.inTenant('globex', (tx) => tx.deleteFrom('notes').where('id', '=', 'a-2').execute());
      expect([updated!.numUpdatedRows, deleted!.numDeletedRows]).toEqual([0n, 0n]);
      expect(await idsOf(db, 'acme')).toContain('a-2');
    });

    it('shows nothing and takes nothing where the tenant setting is absent or empty, whatever the role', async () => {
      await put(db, 'acme', 'a-3');
      for (const reset of [sql`select set_config('app.tenant_id', '', true)`, sql`select set_config('app.tenant_id', 'other', true)`]) {
        const seen = await db.inTenant('acme', async (tx) => {
          await reset.execute(tx);
          return tx.selectFrom('notes').select('id').execute();
        });
        expect(seen).toEqual([]);
      }
      await expect(
        db.inTenant('acme', async (tx) => {
          await sql`select set_config('app.tenant_id', '', true)`.execute(tx);
          await tx.insertInto('notes').values({ id: 'y', tenant_id: '', body: '' }).execute();
        }),
      ).rejects.toThrow(/row-level security/);
      await expect(db.inTenant('', async () => undefined)).rejects.toThrow(/tenant id/);
    });

    it('sees all tenants as the system, and only there', async () => {
      await put(db, 'acme', 'a-4');
      await put(db, 'globex', 'g-4');
      const tenants = await db.asSystem((tx) => tx.selectFrom('notes').select('tenant_id').distinct().orderBy('tenant_id').execute());
      expect(tenants.map(({ tenant_id }) => tenant_id)).toEqual(expect.arrayContaining(['acme', 'globex']));
    });

    it('acts as roles that own nothing, are no superuser and cannot bypass row-level security', async () => {
      const roles = await db.asSystem(async (tx) => {
        const { rows } = await sql<{ rolname: string; owned: string }>`
          select rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb,
            (select count(*) from pg_class c where c.relowner = r.oid) as owned
          from pg_roles r where rolname in ('parley_app', 'parley_system') order by rolname`.execute(tx);
        return rows;
      });
      const powerless = { rolsuper: false, rolbypassrls: false, rolcanlogin: false, rolcreaterole: false, rolcreatedb: false, owned: '0' };
      expect(roles).toEqual([
        { rolname: 'parley_app', ...powerless },
        { rolname: 'parley_system', ...powerless },
      ]);
      const who = (await db.inTenant('acme', (tx) => sql<{ who: string }>`select cast(current_user as text) as who`.execute(tx))).rows[0]
        ?.who;
      expect(who).toBe('parley_app');
    });

    it('forces row-level security, with policies for both roles, on every table with a tenant', async () => {
      const { rows } = await db.asSystem((tx) =>
        sql<{ name: string; enabled: boolean; forced: boolean; policies: string }>`
          select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
            (select count(*) from pg_policy p where p.polrelid = c.oid) as policies
          from pg_class c where c.relkind = 'r' and c.relnamespace = cast('public' as regnamespace)
            and (c.relname = 'tenants' or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id'))`.execute(
          tx,
        ),
      );
      expect(rows.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['notes', 'outbox', 'jobs', 'cron_entries', 'idempotency_keys', 'budgets', 'tenants']),
      );
      for (const row of rows) expect(row).toMatchObject({ enabled: true, forced: true, policies: '2' });
    });

    it('lets a tenant read its own record and change none', async () => {
      await db.asSystem((tx) => sql`insert into tenants (id, tier) values ('acme', 'standard'), ('globex', 'free')`.execute(tx));
      const read = await db.inTenant('acme', (tx) => sql<{ id: string; tier: string }>`select id, tier from tenants`.execute(tx));
      expect(read.rows).toEqual([{ id: 'acme', tier: 'standard' }]);
      await expect(db.inTenant('acme', (tx) => sql`update tenants set tier = 'enterprise'`.execute(tx))).rejects.toThrow(
        /permission denied/,
      );
    });

    it('refuses a tenant table without a usable tenant_id', async () => {
      const bad = migrations(
        { '0001_bad.sql': `create table bad (id text primary key, tenant_id text); select make_tenant_table('bad');` },
        'bad',
      );
      await using other = await world.open();
      await expect(migrate(other, [bad])).rejects.toThrow(/tenant_id text not null/);
    });

    it('never mixes two tenants over 200 interleaved transactions, some of them failing half-way', async () => {
      const tenants = ['left', 'right'];
      await Promise.all(
        Array.from({ length: 200 }, async (_, n) => {
          const tenant = tenants[n % 2]!;
          const work = db.inTenant(tenant, async (tx) => {
            await tx
              .insertInto('notes')
              .values({ id: `${tenant}-${n}`, tenant_id: tenant, body: '' })
              .execute();
            const seen = await tx.selectFrom('notes').select('tenant_id').execute();
            expect(new Set(seen.map(({ tenant_id }) => tenant_id))).toEqual(new Set([tenant]));
            if (n % 5 === 0) throw new Error('half-way');
            if (n % 5 === 1) await sql`select 1 / 0`.execute(tx);
          });
          if (n % 5 < 2) await expect(work).rejects.toThrow(/half-way|division by zero/);
          else await work;
        }),
      );
      const { rows } = await db.asSystem((tx) =>
        sql<{ n: string }>`select count(*) as n from notes where tenant_id in ('left', 'right')`.execute(tx),
      );
      expect(rows[0]!.n).toBe('120');
      const outside = await db.asSystem((tx) => sql<{ t: string }>`select current_setting('app.tenant_id', true) as t`.execute(tx));
      expect(outside.rows[0]!.t).toBe('');
    });
  });

  describe('transactions', () => {
    it('commits whole or not at all', async () => {
      await expect(
        db.inTenant('whole', async (tx) => {
          await tx.insertInto('notes').values({ id: 'w-1', tenant_id: 'whole', body: '' }).execute();
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect(await idsOf(db, 'whole')).toEqual([]);
    });

    it('tells a duplicate key apart, and goes on afterwards', async () => {
      await put(db, 'dup', 'd-1');
      const error: unknown = await put(db, 'dup', 'd-1').catch((thrown: unknown) => thrown);
      expect(isUniqueViolation(error)).toBe(true);
      expect(isUniqueViolation(error, 'notes_pkey')).toBe(true);
      expect(isUniqueViolation(error, 'other')).toBe(false);
      expect(await idsOf(db, 'dup')).toEqual(['d-1']);
    });

    it('refuses a transaction inside a transaction instead of waiting for itself', async () => {
      await expect(db.inTenant('acme', () => db.inTenant('acme', async () => undefined))).rejects.toThrow(/pass tx down/);
      await expect(db.asSystem(() => db.inTenant('acme', async () => undefined))).rejects.toThrow(/pass tx down/);
    });

    it('calls what waits for a commit after it, and not after a rollback', async () => {
      const calls: string[] = [];
      const leave = onSignal(db, 'bell', () => calls.push('signal'));
      await db.inTenant('acme', async () => {
        afterCommit(() => calls.push('action'));
        signalAfterCommit('bell');
        signalAfterCommit('bell');
        expect(calls).toEqual([]);
      });
      expect(calls).toEqual(['action', 'signal']);
      await db
        .inTenant('acme', async () => {
          afterCommit(() => calls.push('never'));
          signalAfterCommit('bell');
          throw new Error('no');
        })
        .catch(() => undefined);
      leave();
      await db.inTenant('acme', async () => signalAfterCommit('bell'));
      expect(calls).toEqual(['action', 'signal']);
    });
  });

  it('gives and takes the same values on both drivers', async () => {
    const at = new Date('2024-03-10T01:30:00.123Z');
    const { rows } = await db.inTenant('acme', (tx) =>
      sql`select cast(${9007199254740993n} as int8) as big, cast(${'12345678901234567890.12'} as numeric) as exact, cast(${1.5} as float8) as double,
        cast(${7} as int4) as small, cast(${at} as timestamptz) as at, cast(${'2024-02-29'} as date) as day,
        cast(${'2024-02-29 10:00:00'} as timestamp) as local, cast(${'1 day'} as interval) as span, cast(${true} as boolean) as yes,
        cast(${null} as text) as nothing, cast(${['a', 'b "c"', null, 'd,\\e']} as text[]) as words, cast(${[1, 2]} as int4[]) as numbers,
        cast(${[10n]} as int8[]) as bigs, ${json({ a: [1, 'x'] })} as object, ${json(['x'])} as list, ${json('text')} as word,
        cast(${Buffer.from('hi')} as bytea) as bytes, current_setting('TimeZone') as zone`.execute(tx),
    );
    expect(rows[0]).toEqual({
      big: '9007199254740993',
      exact: '12345678901234567890.12',
      double: 1.5,
      small: 7,
      at,
      day: '2024-02-29',
      local: '2024-02-29 10:00:00',
      span: '1 day',
      yes: true,
      nothing: null,
      words: ['a', 'b "c"', null, 'd,\\e'],
      numbers: [1, 2],
      bigs: ['10'],
      object: { a: [1, 'x'] },
      list: ['x'],
      word: 'text',
      bytes: Buffer.from('hi'),
      zone: 'UTC',
    });
  });

  describe('migrations', () => {
    const openUnmigrated = () => world.open();

    it('applies each file once, ordered within a folder', async () => {
      const chat = migrations({ '0002_b.sql': 'alter table t1 add column b text;', '0001_a.sql': 'create table t1 (a text);' }, 'chat');
      await using other = await openUnmigrated();
      expect(await migrate(other, [chat])).toEqual(['chat/0001_a.sql', 'chat/0002_b.sql']);
      expect(await migrate(other, [chat])).toEqual([]);
      const late = migrations({ '0001_first.sql': 'create table t2 (a text);' }, 'agents');
      expect(await migrate(other, [late, chat])).toEqual(['agents/0001_first.sql']);
    });

    it('leaves nothing of a file that fails half-way, keeps the files before it, and goes on when it is mended', async () => {
      await using other = await openUnmigrated();
      const broken = migrations(
        { '0001_a.sql': 'create table ok1 (a text);', '0002_b.sql': 'create table half (a text); select no_such_function();' },
        'broken',
      );
      await expect(migrate(other, [broken])).rejects.toThrow(/broken\/0002_b.sql/);
      const tables = await other.asSystem((tx) =>
        sql<{ name: string }>`select relname as name from pg_class where relname in ('ok1', 'half')`.execute(tx),
      );
      expect(tables.rows).toEqual([{ name: 'ok1' }]);
      writeFileSync(path.join(broken.directory, '0002_b.sql'), 'create table half (a text);');
      expect(await migrate(other, [broken])).toEqual(['broken/0002_b.sql']);
    });

    it('refuses a file that was changed after it was applied', async () => {
      await using other = await openUnmigrated();
      const folder = migrations({ '0001_a.sql': 'create table c1 (a text);' }, 'changed');
      await migrate(other, [folder]);
      writeFileSync(path.join(folder.directory, '0001_a.sql'), 'create table c1 (a text, b text);');
      await expect(migrate(other, [folder])).rejects.toThrow(/changed\/0001_a.sql was changed after it was applied/);
    });
  });
});
