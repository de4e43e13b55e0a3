import { newId } from '#platform/db';

import { redisScript, type RedisLink } from './redis-link';
import type { LogEvent, NewEvent } from './types';

/** One entry as ioredis gives it: `<sequence>-0` and its fields. */
export type StreamEntry = [id: string, fields: string[]];

const sequenceOf = (id: string): number => Number(id.slice(0, id.indexOf('-')));

const parseBody = (body: string): Pick<LogEvent, 'type' | 'data'> => JSON.parse(body) as Pick<LogEvent, 'type' | 'data'>;

export const toEvent = ([id, fields]: StreamEntry): LogEvent => {
  const [eventId = '', milliseconds = '0', body = '{}'] = [fields[1], fields[3], fields[5]];
  return { ...parseBody(body), id: eventId, sequence: sequenceOf(id), timestamp: new Date(Number(milliseconds)).toISOString() };
};

export interface ReceivedEvent {
  readonly event: LogEvent;
  readonly bytes: number;
}

export const toReceived = (entry: StreamEntry): ReceivedEvent => ({ event: toEvent(entry), bytes: entry[1][5]?.length ?? 0 });

// The sequence is the entry's id, so the next one follows from the newest entry and cannot have a hole. Ids that publishers gave are
// kept in a sorted set beside the stream, by sequence.
const appendScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local newest = 0
local tail = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if tail[1] then newest = tonumber(string.match(tail[1][1], '^(%d+)')) end
local sequences = {}
for i = 3, #ARGV, 3 do
  local id, given, body = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if given == '1' and redis.call('ZADD', KEYS[2], 'NX', newest + 1, id) == 0 then
    sequences[#sequences + 1] = 0
  else
    newest = newest + 1
    redis.call('XADD', KEYS[1], 'MAXLEN', '=', ARGV[1], string.format('%.0f-0', newest), 'i', id, 't', string.format('%.0f', now), 'b', body)
    sequences[#sequences + 1] = newest
  end
end
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1001)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return { string.format('%.0f', now), sequences }
`);

export interface Append {
  readonly key: string;
  readonly events: readonly NewEvent[];
  readonly maxEvents: number;
  readonly maxIdleMs: number;
}

export async function appendToStream(link: RedisLink, { key, events, maxEvents, maxIdleMs }: Append): Promise<readonly LogEvent[]> {
  const named = events.map(({ id, type, data }) => ({
    id: id ?? newId('evt'),
    given: id !== undefined,
    body: JSON.stringify({ type, data: data ?? null }),
  }));
  const values = named.flatMap(({ id, given, body }) => [id, given ? '1' : '0', body]);
  const reply = await link.script(appendScript, { keys: [key, `${key}:ids`], values: [maxEvents, maxIdleMs, ...values] });
  const [milliseconds, sequences] = reply as [string, number[]];
  const timestamp = new Date(Number(milliseconds)).toISOString();
  return named.flatMap(({ id, body }, index) => {
    const sequence = sequences[index]!;
    return sequence === 0 ? [] : [{ ...parseBody(body), id, sequence, timestamp }];
  });
}

export interface StreamRange {
  readonly key: string;
  readonly after: number;
  readonly limit: number;
}

export const readStream = (link: RedisLink, { key, after, limit }: StreamRange): Promise<readonly LogEvent[]> =>
  link.call(async (client) => ((await client.xrange(key, `${after + 1}-0`, '+', 'COUNT', limit)) as StreamEntry[]).map(toEvent));

/** The newest entry; null where the topic is empty. */
export const newestEntry = (link: RedisLink, key: string): Promise<LogEvent | null> =>
  link.call(async (client) => {
    const [entry] = (await client.xrevrange(key, '+', '-', 'COUNT', 1)) as StreamEntry[];
    return entry ? toEvent(entry) : null;
  });
