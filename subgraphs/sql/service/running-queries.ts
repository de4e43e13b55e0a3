interface Running {
  readonly tenantId: string;
  readonly userId: string;
  readonly controller: AbortController;
}

/** Statements under way in this process, so that they can be cancelled by id. */
export class RunningQueries {
  private readonly running = new Map<string, Running>();

  /** The signal aborts with the caller's own or by `cancel`. Call `done` whatever happens. */
  begin(id: string, owner: { tenantId: string; userId: string }, signal?: AbortSignal): { readonly signal: AbortSignal; done(): void } {
    const controller = new AbortController();
    const abort = (): void => controller.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.running.set(id, { ...owner, controller });
    return {
      signal: controller.signal,
      done: () => {
        signal?.removeEventListener('abort', abort);
        this.running.delete(id);
      },
    };
  }

  /** False where no such query of this user runs here. */
  cancel(id: string, owner: { tenantId: string; userId: string }): boolean {
    const found = this.running.get(id);
    if (!found || found.tenantId !== owner.tenantId || found.userId !== owner.userId) return false;
    found.controller.abort(new Error('cancelled by its user'));
    return true;
  }
}
