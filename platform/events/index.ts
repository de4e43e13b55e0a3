export type { EventLog, EventLogOptions, FollowOptions, LogEvent, NewEvent, Retained, Topic } from './types';
export { onlyWhatComes, StreamOverflow } from './types';
export { isReplayed, markReplayed, replayedAs } from './replayed';
export { createMemoryEventLog, type MemoryEventLogOptions } from './memory-event-log';
export { createRedisEventLog, type RedisEventLogOptions } from './redis-event-log';
export { RedisAway, RedisLink, redisScript, type RedisLinkOptions, type RedisScript } from './redis-link';
export { appendToOutbox, type OutboxEvent } from './outbox';
export { startOutboxRelay, type OutboxRelay, type OutboxRelayOptions } from './outbox-relay';
export { createEventBus, type DomainEvent, type EventBus, type EventBusDeps, type Subscription } from './event-bus';
