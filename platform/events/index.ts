export type { EventLog, FollowOptions, LogEvent, NewEvent, Retained, Topic } from './types';
export { StreamOverflow } from './types';
