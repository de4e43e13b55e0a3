import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';

import type { SourceStore, StoredSource } from '../../store/source.store';
import type { SqlTables } from '../../store/rows';
import { draftModel, type SemanticModel } from '../semantic-model';
import type { Catalog } from '../engine';

import type { ReadySource } from './ready-source';
import type { SourceKind } from './types';

export interface SourceDirectoryParts {
  readonly db: Database<SqlTables>;
  readonly store: SourceStore;
  /** Sources that every tenant sees, such as the demo data. */
  readonly builtIn: readonly ReadySource[];
}

/** Finds the sources of a caller's tenant, built-in ones first. Other services resolve every source through here. */
export class SourceDirectory {
  constructor(private readonly parts: SourceDirectoryParts) {}

  async list(caller: Caller): Promise<ReadySource[]> {
    const stored = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.list(tx, caller.tenantId));
    return [...this.parts.builtIn, ...stored.map(toReadySource)];
  }

  async find(caller: Caller, id: string): Promise<ReadySource | null> {
    const builtIn = this.parts.builtIn.find((source) => source.id === id);
    if (builtIn) return builtIn;
    const stored = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.findById(tx, caller.tenantId, id));
    return stored ? toReadySource(stored) : null;
  }

  /** Also what another tenant's id gets: NOT_FOUND. */
  async require(caller: Caller, id: string): Promise<ReadySource> {
    const source = await this.find(caller, id);
    if (!source) throw errors.NOT_FOUND({ kind: 'source' }, { field: 'source_id' });
    return source;
  }
}

const models = new WeakMap<object, SemanticModel>();

/** A stored source with its model: the edited one, else one drafted from its catalog. */
export function toReadySource(row: StoredSource): ReadySource {
  const catalog = row.catalog as Catalog;
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    kind: row.kind as SourceKind,
    status: row.status,
    problem: row.problem,
    ...(row.file ? { file: row.file } : {}),
    connection: row.connection as Record<string, unknown>,
    sealedCredentials: row.credentials,
    catalog,
    get model(): SemanticModel {
      if (row.model) return row.model as SemanticModel;
      const drafted = models.get(catalog) ?? draftModel(catalog);
      models.set(catalog, drafted);
      return drafted;
    },
    modelInferred: row.model === null,
    dataVersion: row.data_version,
    createdAt: row.created_at,
    refreshedAt: row.refreshed_at,
  };
}
