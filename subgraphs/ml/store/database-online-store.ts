import { json, type Database } from '#platform/db';

import type { OnlineKey, OnlineRow, OnlineStore } from '../service/features/online-store';

import type { FeatureStore } from './feature.store';
import type { MlTables } from './rows';

/** Online features beside everything else: one database less to run. */
export function createDatabaseOnlineStore({ db, store }: { db: Database<MlTables>; store: FeatureStore }): OnlineStore {
  return {
    replace: (key: OnlineKey, rows: readonly OnlineRow[]) =>
      db.inTenant(key.tenantId, (tx) =>
        store.replaceRows(
          tx,
          key,
          rows.map(({ entity, features, eventTime }) => ({
            tenant_id: key.tenantId,
            feature_set_id: key.featureSetId,
            entity_key: entity,
            features: json(features),
            event_time: eventTime,
          })),
        ),
      ),
    async read(key, entities) {
      const rows = await db.inTenant(key.tenantId, (tx) => store.rows(tx, key, entities));
      return rows.map(({ entity_key: entity, features, event_time: eventTime }) => ({
        entity,
        features: features as Record<string, unknown>,
        eventTime,
      }));
    },
    close: () => undefined,
  };
}
