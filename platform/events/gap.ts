import { newId } from '#platform/db';

import type { LogEvent, Retained } from './types';

/** Says that events were lost to a reader. It continues after the gap's own sequence. */
export const gapEvent = ({ oldest, newest }: Retained): LogEvent => ({
  id: newId('evt'),
  type: 'stream_gap',
  data: { oldest },
  sequence: oldest === 0 ? newest : oldest - 1,
  timestamp: new Date().toISOString(),
});

/** True where a reader at `after` cannot be given everything: older than retention, or from a time before the topic began anew. */
export const hasGap = (after: number, { oldest, newest }: Retained): boolean => after > newest || (after < newest && after + 1 < oldest);
