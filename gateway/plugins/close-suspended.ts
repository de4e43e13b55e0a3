import type { Caller, TenantDirectory } from '#platform/auth';
import type { Logger } from '#platform/telemetry';

export interface CloseSuspendedOptions {
  readonly tenants: Pick<TenantDirectory, 'suspended'>;
  /** Whatever holds open sockets. */
  readonly doors: readonly { closeWhere(isMeant: (caller: Caller) => boolean): void }[];
  readonly log: Logger;
  /** Between two looks. @default 2_000 */
  readonly everyMs?: number;
}

/**
 * Ends the open sockets of suspended tenants. Read from the database again and again, since another process may have suspended them;
 * new sockets are refused where tokens are checked. Returns how to stop.
 */
export function closeSuspended({ tenants, doors, log, everyMs = 2_000 }: CloseSuspendedOptions): () => void {
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const suspended = await tenants.suspended();
      if (suspended.size > 0) for (const door of doors) door.closeWhere(({ tenantId }) => suspended.has(tenantId));
    } catch (err) {
      log.warn({ event: 'tenants.not_read', err }, 'suspended tenants could not be read; looking again');
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
