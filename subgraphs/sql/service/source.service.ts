import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { json, newId, type Database } from '#platform/db';
import { errors, readInput } from '#platform/errors';
import { appendToOutbox } from '#platform/events';
import { readPage, toConnection, type Connection, type PageArgs } from '#platform/graphql';

import type { SqlTables } from '../store/rows';
import type { SourceStore } from '../store/source.store';

import { sqlEvents } from './events';
import { policy } from './policy';
import type { OpenSources } from './sources/open-sources';
import type { ReadySource } from './sources/ready-source';
import { toReadySource, type SourceDirectory } from './sources/source-directory';
import { sourceKinds, type SourceKind } from './sources/types';

/** A file of a tenant, imported into the form that the sandbox opens. */
export interface ImportedFile {
  readonly kind: SourceKind;
  readonly file: string;
}

export interface SourceServiceParts {
  readonly db: Database<SqlTables>;
  readonly store: SourceStore;
  readonly directory: SourceDirectory;
  readonly open: OpenSources;
  /** Checks the settings of an engine, addresses included; INVALID_REQUEST names what is wrong. */
  readonly checkConnection: (kind: SourceKind, connection: Record<string, unknown>) => Promise<Record<string, unknown>>;
  readonly seal: (credentials: Record<string, string>) => string;
  /** Turns an uploaded file into a database file of the tenant. */
  readonly importUpload: (upload: { tenantId: string; filename: string; content: Buffer; signal?: AbortSignal }) => Promise<ImportedFile>;
  readonly removeFile: (file: string) => Promise<void>;
  readonly uploadMaxBytes: number;
}

const name = z.string().trim().min(1, 'it must not be empty').max(200, 'it must have at most 200 characters');
const settings = z.record(z.string(), z.unknown());
const credentials = z.record(z.string(), z.string());
const createRules = z.object({ name, kind: z.enum(sourceKinds), connection: settings, credentials: credentials.nullish() });
const updateRules = z.object({
  sourceId: z.string(),
  name: name.nullish(),
  connection: settings.nullish(),
  credentials: credentials.nullish(),
});
const uploadRules = z.object({ filename: z.string().min(1).max(255), contentBase64: z.string(), name: name.nullish() });

/** The databases and files of a tenant. */
export class SourceService {
  constructor(private readonly parts: SourceServiceParts) {}

  find(caller: Caller, id: string): Promise<ReadySource> {
    policy.require(caller, 'source:read');
    return this.parts.directory.require(caller, id);
  }

  /** In the order of the ids, null where there is none. */
  async findMany(caller: Caller, ids: readonly string[]): Promise<(ReadySource | null)[]> {
    policy.require(caller, 'source:read');
    const all = new Map((await this.parts.directory.list(caller)).map((source) => [source.id, source]));
    return ids.map((id) => all.get(id) ?? null);
  }

  async list(caller: Caller, args: PageArgs): Promise<Connection<ReadySource>> {
    policy.require(caller, 'source:read');
    const scope = `sql_sources:${caller.tenantId}`;
    const page = readPage(args, scope);
    const all = await this.parts.directory.list(caller);
    const start = page.after ? all.findIndex(({ id }) => id === page.after![0]) + 1 : page.offset;
    return toConnection({ items: all.slice(start, start + page.limit + 1), page, scope, keyOf: ({ id }) => [id], totalCount: all.length });
  }

  async create(caller: Caller, input: unknown, signal?: AbortSignal): Promise<ReadySource> {
    policy.require(caller, 'source:write');
    const wanted = readInput(createRules, input);
    if (wanted.kind === 'duckdb' || wanted.kind === 'sqlite') {
      throw errors.INVALID_REQUEST(
        { what: 'kind', hint: 'files come in through /api/v1/sql/sources/upload or `npm start -- --data FILE`' },
        { field: 'kind' },
      );
    }
    const connection = await this.parts.checkConnection(wanted.kind, wanted.connection);
    const sealed = wanted.credentials ? this.parts.seal(wanted.credentials) : null;
    return this.add(caller, { name: wanted.name, kind: wanted.kind, connection, sealedCredentials: sealed, signal });
  }

  async upload(caller: Caller, input: unknown, signal?: AbortSignal): Promise<ReadySource> {
    policy.require(caller, 'source:write');
    const { filename, contentBase64, name: label } = readInput(uploadRules, input);
    const content = Buffer.from(contentBase64, 'base64');
    if (content.length > this.parts.uploadMaxBytes) throw errors.PAYLOAD_TOO_LARGE({ maxBytes: this.parts.uploadMaxBytes });
    const { kind, file } = await this.parts.importUpload({ tenantId: caller.tenantId, filename, content, signal });
    return this.add(caller, { name: label ?? filename, kind, file, connection: {}, sealedCredentials: null, signal });
  }

  /** A file that the operator of this process named; the same name again replaces its source. */
  async addLocal(caller: Caller, { kind, file, name: label }: ImportedFile & { readonly name: string }): Promise<ReadySource> {
    policy.require(caller, 'source:write');
    const before = (await this.parts.directory.list(caller)).find(
      (source) => source.tenantId !== null && source.name === label && source.kind === kind,
    );
    const added = await this.add(caller, { name: label, kind, file, connection: {}, sealedCredentials: null });
    if (before) await this.remove(caller, before.id);
    return added;
  }

  async update(caller: Caller, input: unknown, signal?: AbortSignal): Promise<ReadySource> {
    policy.require(caller, 'source:write');
    const change = readInput(updateRules, input);
    const source = await this.changeable(caller, change.sourceId);
    const connection = change.connection ? await this.parts.checkConnection(source.kind, change.connection) : source.connection;
    const sealedCredentials = change.credentials ? this.parts.seal(change.credentials) : source.sealedCredentials;
    return this.reread(caller, { ...source, name: change.name ?? source.name, connection, sealedCredentials }, signal);
  }

  async refresh(caller: Caller, id: string, signal?: AbortSignal): Promise<ReadySource> {
    policy.require(caller, 'source:write');
    return this.reread(caller, await this.changeable(caller, id), signal);
  }

  async remove(caller: Caller, id: string): Promise<ReadySource> {
    policy.require(caller, 'source:write');
    const source = await this.changeable(caller, id);
    const removed = await this.parts.db.inTenant(caller.tenantId, async (tx) => {
      const row = await this.parts.store.delete(tx, { tenantId: caller.tenantId, id });
      if (row)
        await appendToOutbox(tx, {
          tenantId: caller.tenantId,
          topic: `source:${id}`,
          type: sqlEvents.sourceRemoved,
          data: { sourceId: id },
        });
      return row;
    });
    if (!removed) throw errors.NOT_FOUND({ kind: 'source' });
    await this.parts.open.forget(source);
    if (source.file) await this.parts.removeFile(source.file);
    return source;
  }

  private async changeable(caller: Caller, id: string): Promise<ReadySource> {
    const source = await this.parts.directory.require(caller, id);
    if (source.tenantId === null) throw errors.FORBIDDEN({ hint: 'the demo sources cannot be changed; add a source of your own' });
    return source;
  }

  private async add(
    caller: Caller,
    wanted: Pick<ReadySource, 'name' | 'kind' | 'file' | 'connection' | 'sealedCredentials'> & { signal?: AbortSignal },
  ): Promise<ReadySource> {
    const id = newId('src');
    const { catalog, dataVersion } = await this.introspect(
      { ...wanted, id, tenantId: caller.tenantId, refreshedAt: new Date() },
      wanted.signal,
    );
    return this.parts.db.inTenant(caller.tenantId, async (tx) => {
      const row = await this.parts.store.insert(tx, {
        tenant_id: caller.tenantId,
        id,
        name: wanted.name,
        kind: wanted.kind,
        status: 'ready',
        problem: null,
        connection: json(wanted.connection),
        credentials: wanted.sealedCredentials,
        file: wanted.file ?? null,
        catalog: json(catalog),
        data_version: dataVersion,
        model: null,
        created_by: caller.userId,
      });
      await appendToOutbox(tx, {
        tenantId: caller.tenantId,
        topic: `source:${id}`,
        type: sqlEvents.sourceRefreshed,
        data: { sourceId: id, dataVersion },
      });
      return toReadySource(row);
    });
  }

  private async reread(caller: Caller, source: ReadySource, signal?: AbortSignal): Promise<ReadySource> {
    await this.parts.open.forget(source);
    const refreshedAt = new Date();
    const { catalog, dataVersion } = await this.introspect({ ...source, refreshedAt }, signal);
    return this.parts.db.inTenant(caller.tenantId, async (tx) => {
      const row = await this.parts.store.update(
        tx,
        { tenantId: caller.tenantId, id: source.id },
        {
          name: source.name,
          connection: json(source.connection),
          credentials: source.sealedCredentials,
          catalog: json(catalog),
          data_version: dataVersion,
          status: 'ready',
          problem: null,
          refreshed_at: refreshedAt,
        },
      );
      if (!row) throw errors.NOT_FOUND({ kind: 'source' });
      const event = { sourceId: source.id, dataVersion };
      await appendToOutbox(tx, { tenantId: caller.tenantId, topic: `source:${source.id}`, type: sqlEvents.sourceRefreshed, data: event });
      return toReadySource(row);
    });
  }

  private introspect(
    source: Pick<ReadySource, 'id' | 'tenantId' | 'kind' | 'file' | 'connection' | 'sealedCredentials' | 'refreshedAt'>,
    signal?: AbortSignal,
  ): Promise<{ catalog: ReadySource['catalog']; dataVersion: string }> {
    return this.parts.open.use(source as ReadySource, async (adapter) => {
      await adapter.test(signal);
      return { catalog: await adapter.introspect(signal), dataVersion: await adapter.dataVersion() };
    });
  }
}
