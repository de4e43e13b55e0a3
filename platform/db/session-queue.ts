import { errors } from '#platform/errors';

interface Waiter {
  readonly resolve: () => void;
  readonly timer: NodeJS.Timeout;
}

/** Hands one session from transaction to transaction, first come, first served. */
export class SessionQueue {
  private readonly waiting: Waiter[] = [];
  private busy = false;

  constructor(private readonly waitMs: number) {}

  async enter(): Promise<void> {
    if (!this.busy) {
      this.busy = true;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(waiter), 1);
        reject(errors.SERVICE_UNAVAILABLE({}, { cause: new Error(`no database session within ${this.waitMs} ms`) }));
      }, this.waitMs);
      const waiter: Waiter = { resolve, timer };
      this.waiting.push(waiter);
    });
  }

  leave(): void {
    const next = this.waiting.shift();
    if (!next) {
      this.busy = false;
      return;
    }
    clearTimeout(next.timer);
    next.resolve();
  }
}
