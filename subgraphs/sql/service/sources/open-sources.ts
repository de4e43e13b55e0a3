import type { ReadySource } from './ready-source';
import type { OpenSource, SourceAdapter } from './types';

interface Opened {
  readonly adapter: SourceAdapter;
  usedAt: number;
  users: number;
}

export interface OpenSourcesOptions {
  readonly open: OpenSource;
  /** Opens what `credentials` sealed. */
  readonly unseal: (sealed: string) => Readonly<Record<string, string>>;
  /** Adapters kept open. @default 50 */
  readonly capacity?: number;
}

/** Keeps adapters open between queries, keyed by everything that would make another connection necessary. */
export class OpenSources {
  private readonly opened = new Map<string, Opened>();

  constructor(private readonly options: OpenSourcesOptions) {}

  async use<Result>(source: ReadySource, work: (adapter: SourceAdapter) => Promise<Result>): Promise<Result> {
    const entry = this.entry(source);
    entry.users += 1;
    entry.usedAt = Date.now();
    try {
      return await work(entry.adapter);
    } finally {
      entry.users -= 1;
    }
  }

  async forget(source: Pick<ReadySource, 'tenantId' | 'id'>): Promise<void> {
    const prefix = `${source.tenantId ?? ''}/${source.id}/`;
    const stale = [...this.opened].filter(([key]) => key.startsWith(prefix));
    for (const [key, { adapter }] of stale) {
      this.opened.delete(key);
      await adapter.close();
    }
  }

  async close(): Promise<void> {
    const all = [...this.opened.values()];
    this.opened.clear();
    await Promise.all(all.map(({ adapter }) => adapter.close()));
  }

  private entry(source: ReadySource): Opened {
    const key = `${source.tenantId ?? ''}/${source.id}/${source.file ?? ''}/${source.refreshedAt.getTime()}`;
    const known = this.opened.get(key);
    if (known) return known;
    this.makeRoom();
    const adapter = this.options.open({
      kind: source.kind,
      connection: source.connection,
      ...(source.file ? { file: source.file } : {}),
      ...(source.sealedCredentials ? { credentials: this.options.unseal(source.sealedCredentials) } : {}),
    });
    const made: Opened = { adapter, usedAt: Date.now(), users: 0 };
    this.opened.set(key, made);
    return made;
  }

  private makeRoom(): void {
    if (this.opened.size < (this.options.capacity ?? 50)) return;
    const idle = [...this.opened].filter(([, { users }]) => users === 0).sort(([, a], [, b]) => a.usedAt - b.usedAt)[0];
    if (!idle) return;
    this.opened.delete(idle[0]);
    // Nobody uses it; how its connection ends concerns no request.
    void idle[1].adapter.close().catch(() => undefined);
  }
}
