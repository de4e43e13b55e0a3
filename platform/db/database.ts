import { CompiledQuery, Kysely } from 'kysely';
import { escapeLiteral } from 'pg';

import { sessionDialect } from './kysely-dialect';
import type { SqlBackend } from './session';
import { inTransactionContext } from './transaction-context';
import type { Database, Tx } from './types';

const roles = { tenant: 'parley_app', system: 'parley_system' } as const;

interface Settings {
  readonly backend: SqlBackend;
  readonly statementTimeoutMs: number;
}

// set_config(…, true) is SET LOCAL: role and tenant end with the transaction, also behind a pooler in transaction mode.
const beginScript = (settings: Readonly<Record<string, string>>): string => {
  const assignments = Object.entries(settings).map(([name, value]) => `set_config(${escapeLiteral(name)}, ${escapeLiteral(value)}, true)`);
  return `begin; select ${assignments.join(', ')}`;
};

export class SqlDatabase<Tables> implements Database<Tables> {
  private readonly app: Kysely<Tables>;
  private readonly owner: Kysely<Tables>;

  constructor(private readonly settings: Settings) {
    const { backend, statementTimeoutMs } = settings;
    this.app = new Kysely<Tables>({ dialect: sessionDialect({ backend, owner: false, timeoutMs: statementTimeoutMs }) });
    this.owner = new Kysely<Tables>({ dialect: sessionDialect({ backend, owner: true, timeoutMs: 0 }) });
  }

  get kind(): 'pglite' | 'postgresql' {
    return this.settings.backend.kind;
  }

  async inTenant<Result>(tenantId: string, work: (tx: Tx<Tables>) => Promise<Result>): Promise<Result> {
    if (!tenantId) throw new Error('inTenant needs a tenant id.');
    return this.transaction(this.app, this.localSettings({ role: roles.tenant, 'app.tenant_id': tenantId }), work);
  }

  asSystem<Result>(work: (tx: Tx<Tables>) => Promise<Result>): Promise<Result> {
    // An empty tenant, in case the operator gave the login role a default one.
    return this.transaction(this.app, this.localSettings({ role: roles.system, 'app.tenant_id': '' }), work);
  }

  /** As the owner of the tables, without a statement timeout: for migrations. */
  asOwner<Result>(work: (tx: Tx<Tables>) => Promise<Result>): Promise<Result> {
    return this.transaction(this.owner, { TimeZone: 'UTC' }, work);
  }

  /** The login that runs, where another one migrates. */
  get runtimeLogin(): string | undefined {
    return this.settings.backend.runtimeLogin;
  }

  withTables<Other>(): Database<Other> {
    return this as unknown as Database<Other>;
  }

  async ping(): Promise<void> {
    await this.app.connection().execute((connection) => connection.executeQuery(CompiledQuery.raw('select 1')));
  }

  async close(): Promise<void> {
    await this.settings.backend.close();
  }

  private localSettings(own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const base = { ...own, TimeZone: 'UTC' };
    // PGlite accepts statement_timeout and never enforces it; its backend ends the worker instead.
    return this.kind === 'postgresql' ? { ...base, statement_timeout: String(this.settings.statementTimeoutMs) } : base;
  }

  private transaction<Result>(
    kysely: Kysely<Tables>,
    settings: Readonly<Record<string, string>>,
    work: (tx: Tx<Tables>) => Promise<Result>,
  ): Promise<Result> {
    return inTransactionContext(this, () =>
      kysely.transaction().execute(async (tx) => {
        await tx.executeQuery(CompiledQuery.raw(beginScript(settings)));
        return work(tx);
      }),
    );
  }
}
