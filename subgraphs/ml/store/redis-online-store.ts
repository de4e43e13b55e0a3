import { randomUUID } from 'node:crypto';

import type { ChainableCommander } from 'ioredis';

import type { Log } from '#platform/db';
import { errors } from '#platform/errors';
import { RedisAway, RedisLink } from '#platform/events';

import type { OnlineKey, OnlineRow, OnlineStore } from '../service/features/online-store';

export interface RedisOnlineStoreOptions {
  readonly url: string;
  readonly logger?: Log;
  /** In front of every key. @default 'parley' */
  readonly prefix?: string;
  /** No command is waited for longer. @default 2_000 */
  readonly commandTimeoutMs?: number;
}

/** Rows sent in one command. */
const chunk = 500;
/** Rows of a fill that was replaced stay this long for who is reading them; those of one that died midway go by themselves. */
const [replacedSeconds, unfinishedSeconds] = [10, 600];

/**
 * Each fill is a hash of its own and one key names the current one, so that readers change from one to the other at once. The braces
 * keep the keys of a feature set on one node of a cluster.
 */
export function createRedisOnlineStore({ url, logger, prefix = 'parley', commandTimeoutMs = 2_000 }: RedisOnlineStoreOptions): OnlineStore {
  const link = new RedisLink({ url, logger, commandTimeoutMs });
  const base = ({ tenantId, featureSetId }: OnlineKey): string => `${prefix}:features:{${tenantId}/${featureSetId}}`;
  const current = (key: OnlineKey): string => `${base(key)}:current`;
  const call = async <Reply>(command: Parameters<typeof link.call<Reply>>[0]): Promise<Reply> => {
    try {
      return await link.call(command);
    } catch (error) {
      throw error instanceof RedisAway ? errors.SERVICE_UNAVAILABLE({}, { cause: error }) : error;
    }
  };
  const together = async (queue: (commands: ChainableCommander) => ChainableCommander): Promise<void> => {
    const replies = await call((client) => queue(client.multi()).exec());
    // The commands of a transaction fail one by one, and the transaction succeeds.
    for (const [error] of replies ?? []) if (error) throw error;
  };
  return {
    async replace(key, rows) {
      const fill = `${base(key)}:${randomUUID()}`;
      for (let from = 0; from < rows.length; from += chunk) {
        const part = rows.slice(from, from + chunk);
        const entries = part.flatMap(({ entity, features, eventTime }) => [entity, JSON.stringify([eventTime.getTime(), features])]);
        await together((commands) => commands.hset(fill, ...entries).expire(fill, unfinishedSeconds));
      }
      const before = await call((client) => client.get(current(key)));
      await together((commands) => commands.persist(fill).set(current(key), fill));
      if (before) await call((client) => client.expire(before, replacedSeconds));
    },
    async read(key, entities) {
      for (let before: string | null = null; ;) {
        const fill = await call((client) => client.get(current(key)));
        if (!fill || fill === before) return [];
        const values = await call((client) => client.hmget(fill, ...entities));
        if (values.some(Boolean)) return rowsOf(entities, values);
        // Nobody of these is there, or the fill was replaced and has gone while this process stood still between the two questions.
        before = fill;
      }
    },
    close: () => link.close(),
  };
}

const rowsOf = (entities: readonly string[], values: readonly (string | null)[]): OnlineRow[] =>
  entities.flatMap((entity, place) => {
    const value = values[place];
    if (!value) return [];
    const [time, features] = JSON.parse(value) as [number, Record<string, unknown>];
    return [{ entity, features, eventTime: new Date(time) }];
  });
