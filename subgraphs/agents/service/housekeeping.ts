import type { Log } from '#platform/db';

import type { ApprovalService } from './approval.service';

export interface Housekeeping {
  start(): void;
  stop(): Promise<void>;
}

/** Expires approvals whose time is over. Any process may run it: each is expired once. */
export function createHousekeeping({
  approvals,
  logger,
  everyMs = 15_000,
}: {
  readonly approvals: ApprovalService;
  readonly logger: Log;
  readonly everyMs?: number;
}): Housekeeping {
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<unknown> = Promise.resolve();
  return {
    start() {
      timer ??= setInterval(() => {
        current = approvals
          .expireOverdue()
          .catch((err: unknown) => logger.warn({ event: 'agents.housekeeping_failed', err }, 'agent housekeeping failed'));
      }, everyMs).unref();
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await current;
    },
  };
}
