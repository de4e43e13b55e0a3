import type { SocketCounter } from './types';

class MemorySocketCounter implements SocketCounter {
  private readonly open = new Map<string, number>();

  async acquire(tenantId: string, cap: number): Promise<(() => Promise<void>) | null> {
    const count = this.open.get(tenantId) ?? 0;
    if (count >= cap) return null;
    this.open.set(tenantId, count + 1);
    let isReleased = false;
    return async () => {
      if (isReleased) return;
      isReleased = true;
      const left = (this.open.get(tenantId) ?? 1) - 1;
      if (left > 0) this.open.set(tenantId, left);
      else this.open.delete(tenantId);
    };
  }

  async count(tenantId: string): Promise<number> {
    return this.open.get(tenantId) ?? 0;
  }

  async close(): Promise<void> {
    this.open.clear();
  }
}

/** Counts the sockets of this process; the twin of the one on Redis. */
export const createMemorySocketCounter = (): SocketCounter => new MemorySocketCounter();
