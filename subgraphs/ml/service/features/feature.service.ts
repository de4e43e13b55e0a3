import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { isUniqueViolation, json, newId, type Database } from '#platform/db';
import { errors, readInput } from '#platform/errors';

import type { FeatureStore, StoredFeatureSet } from '../../store/feature.store';
import type { MlTables } from '../../store/rows';
import { policy } from '../policy';
import type { TrainingData, TrainingRows } from '../ports';

import type { OnlineRow, OnlineStore } from './online-store';

const identifier = z.string().regex(/^[A-Za-z_]\w{0,62}$/, 'it must be a plain column name');
const createRules = z.object({
  name: z.string().trim().min(1).max(200),
  sourceId: z.string(),
  query: z.string().min(1).max(100_000),
  entityColumn: identifier,
  eventTimeColumn: identifier,
  features: z.array(identifier).min(1).max(500),
  ttlSeconds: z.number().int().min(1).nullish(),
});
const offlineRules = z.object({
  featureSetId: z.string(),
  labelsQuery: z.string().min(1).max(100_000),
  entityColumn: identifier.nullish(),
  eventTimeColumn: identifier.nullish(),
  maxRows: z.number().int().min(1).max(1_000_000).nullish(),
});
const onlineRules = z.object({
  featureSetId: z.string(),
  entities: z
    .array(z.union([z.string(), z.number()], 'it must be text or a number'))
    .min(1)
    .max(1_000),
});

interface Definition {
  readonly query: string;
  readonly entityColumn: string;
  readonly eventTimeColumn: string;
  readonly features: readonly string[];
  readonly ttlSeconds: number | null;
}

const quoted = (name: string): string => `"${name}"`;

/** Features as versioned SQL: one definition for training, as of each label's time, and for serving, the latest of each entity. */
export class FeatureService {
  constructor(
    private readonly parts: {
      readonly db: Database<MlTables>;
      readonly store: FeatureStore;
      readonly data: TrainingData;
      readonly online: OnlineStore;
    },
  ) {}

  async create(caller: Caller, input: unknown): Promise<StoredFeatureSet> {
    policy.require(caller, 'model:train');
    const { name, sourceId, ...rest } = readInput(createRules, input);
    const definition: Definition = { ...rest, ttlSeconds: rest.ttlSeconds ?? null };
    const { columns } = await this.parts.data.read(caller, { sql: `select * from (${rest.query}) as definition`, sourceId, maxRows: 1 });
    const missing = [rest.entityColumn, rest.eventTimeColumn, ...rest.features].find(
      (column) => !columns.some((each) => each.name === column),
    );
    if (missing)
      throw errors.INVALID_REQUEST(
        { what: 'query', hint: `it gives no column ${missing}; it gives ${columns.map((each) => each.name).join(', ')}` },
        { field: 'query' },
      );
    return this.parts.db
      .inTenant(caller.tenantId, (tx) =>
        this.parts.store.insert(tx, {
          tenant_id: caller.tenantId,
          id: newId('feat'),
          name,
          source_id: sourceId,
          definition: json(definition),
          materialised_at: null,
          latest_event_at: null,
          entity_count: null,
          schedule: json(null),
          schedule_owner: json(null),
          materialise_error: null,
          created_by: caller.userId,
        }),
      )
      .catch((error: unknown) => {
        if (isUniqueViolation(error))
          throw errors.CONFLICT({ what: `A feature set is named ${name} already`, hint: 'choose another name' });
        throw error;
      });
  }

  async find(caller: Caller, id: string): Promise<StoredFeatureSet> {
    policy.require(caller, 'model:read');
    const found = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.find(tx, caller.tenantId, id));
    if (!found) throw errors.NOT_FOUND({ kind: 'feature set' });
    return found;
  }

  list(caller: Caller): Promise<StoredFeatureSet[]> {
    policy.require(caller, 'model:read');
    return this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.list(tx, caller.tenantId));
  }

  /** What a model is trained on when a feature set is named: the latest features of each entity. */
  async trainingQuery(caller: Caller, id: string): Promise<{ sourceId: string; query: string; features: readonly string[] }> {
    const set = await this.find(caller, id);
    const definition = set.definition as Definition;
    return { sourceId: set.source_id, query: latestOf(definition), features: definition.features };
  }

  /** Labels with the features as they were known at each label's time: the last event at or before it, and none that is too old. */
  async offline(caller: Caller, input: unknown, signal?: AbortSignal): Promise<TrainingRows & { readonly sql: string }> {
    policy.require(caller, 'model:train');
    const wanted = readInput(offlineRules, input);
    const set = await this.find(caller, wanted.featureSetId);
    const definition = set.definition as Definition;
    const sql = asOf(definition, {
      query: wanted.labelsQuery,
      entity: wanted.entityColumn ?? definition.entityColumn,
      time: wanted.eventTimeColumn ?? definition.eventTimeColumn,
    });
    return { ...(await this.parts.data.read(caller, { sql, sourceId: set.source_id, maxRows: wanted.maxRows ?? 100_000 }, signal)), sql };
  }

  /** Reads the latest features of every entity into the store that `online` answers from. */
  async materialise(caller: Caller, featureSetId: string, signal?: AbortSignal): Promise<StoredFeatureSet> {
    policy.require(caller, 'model:train');
    const set = await this.find(caller, featureSetId);
    const definition = set.definition as Definition;
    const { columns, rows } = await this.parts.data.read(
      caller,
      { sql: latestOf(definition), sourceId: set.source_id, maxRows: 1_000_000 },
      signal,
    );
    const place = (name: string): number => columns.findIndex((column) => column.name === name);
    const entity = place(definition.entityColumn);
    const entries = rows.flatMap((row): OnlineRow[] => {
      // Nobody can ask for what has no name.
      if (row[entity] === null || row[entity] === undefined) return [];
      const features = Object.fromEntries(definition.features.map((name) => [name, row[place(name)] ?? null]));
      return [{ entity: String(row[entity]), features, eventTime: timeOf(row[place(definition.eventTimeColumn)], definition) }];
    });
    const { tenantId } = caller;
    await this.parts.online.replace({ tenantId, featureSetId: set.id }, entries);
    const latest = entries.reduce((last, { eventTime }) => Math.max(last, eventTime.getTime()), -Infinity);
    await this.parts.db.inTenant(tenantId, (tx) =>
      this.parts.store.update(tx, { tenantId, id: set.id }, {
        materialised_at: new Date(),
        latest_event_at: entries.length > 0 ? new Date(latest) : null,
        entity_count: entries.length,
        materialise_error: null,
      }),
    ); // prettier-ignore
    return this.find(caller, set.id);
  }

  /** Features of entities as last materialised; null for one that is not known or older than the set's time to live. */
  async online(
    caller: Caller,
    input: unknown,
  ): Promise<{ entity: string; features: Readonly<Record<string, unknown>> | null; eventTime: Date | null }[]> {
    policy.require(caller, 'model:predict');
    const { featureSetId, entities } = readInput(onlineRules, input);
    const set = await this.find(caller, featureSetId);
    const { ttlSeconds } = set.definition as Definition;
    const keys = entities.map(String);
    const rows = await this.parts.online.read({ tenantId: caller.tenantId, featureSetId: set.id }, [...new Set(keys)]);
    const byEntity = new Map(rows.map((row) => [row.entity, row]));
    return keys.map((entity) => {
      const row = byEntity.get(entity);
      const isFresh = row && !isOlder(row.eventTime, ttlSeconds);
      return { entity, features: isFresh ? row.features : null, eventTime: row?.eventTime ?? null };
    });
  }
}

/** True where a time to live has passed. */
export const isOlder = (time: Date, ttlSeconds: number | null): boolean =>
  ttlSeconds !== null && Date.now() - time.getTime() > ttlSeconds * 1_000;

/** Times without a zone are UTC, as the engines give them. */
function timeOf(value: unknown, { eventTimeColumn }: Definition): Date {
  const text = String(value);
  const time = new Date(/^\d{4}-\d{2}-\d{2}[T ][\d:.]+$/.test(text) ? `${text.replace(' ', 'T')}Z` : text);
  if (Number.isNaN(time.getTime()))
    throw errors.INVALID_REQUEST(
      { what: 'event_time_column', hint: `${eventTimeColumn} holds ${text}, which is no time` },
      { field: 'event_time_column' },
    );
  return time;
}

/** One row an entity, the latest. */
const latestOf = ({ query, entityColumn, eventTimeColumn, features }: Definition): string => {
  const columns = [entityColumn, eventTimeColumn, ...features].map(quoted).join(', ');
  return `select ${columns} from (select ${columns}, row_number() over (partition by ${quoted(entityColumn)} order by ${quoted(eventTimeColumn)} desc) as recency from (${query}) as definition) as ranked where recency = 1`;
};

/** Point-in-time join: of the events of an entity, the last one not after the label; written with a window so that every engine runs it. */
export function asOf(
  { query, entityColumn, eventTimeColumn, features, ttlSeconds }: Definition,
  labels: { query: string; entity: string; time: string },
): string {
  const [entity, time] = [quoted(entityColumn), quoted(eventTimeColumn)];
  const [labelEntity, labelTime] = [quoted(labels.entity), quoted(labels.time)];
  const fresh = ttlSeconds === null ? '' : ` and features.${time} >= labels.${labelTime} - interval '${ttlSeconds} seconds'`;
  const shown = features.map((name) => `joined.${quoted(name)}`).join(', ');
  return `with labels as (select *, row_number() over (order by ${labelTime}, ${labelEntity}) as label_number from (${labels.query}) as given),
features as (select ${[entityColumn, eventTimeColumn, ...features].map(quoted).join(', ')} from (${query}) as definition),
joined as (select labels.label_number, ${features.map((name) => `features.${quoted(name)}`).join(', ')}, row_number() over (partition by labels.label_number order by features.${time} desc) as recency
  from labels join features on features.${entity} = labels.${labelEntity} and features.${time} <= labels.${labelTime}${fresh})
select labels.*, ${shown} from labels left join joined on joined.label_number = labels.label_number and joined.recency = 1 order by labels.label_number`;
}
