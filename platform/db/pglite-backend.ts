import { errors } from '#platform/errors';

import { toParameter } from './parameters';
import { PgliteClient, WorkerEnded } from './pglite-client';
import type { RawResult, WorkerSettings } from './pglite-protocol';
import { SessionQueue } from './session-queue';
import type { SqlBackend, SqlResult, SqlSession, StatementOptions } from './session';
import type { Log } from './types';
import { parserOf } from './values';

export interface PgliteOptions extends WorkerSettings {
  readonly acquireTimeoutMs: number;
  readonly logger?: Log;
  /** Gives the directory back after the worker has ended. */
  readonly onClosed?: () => Promise<void>;
}

const toResult = ({ fields, rows, command, rowCount }: RawResult): SqlResult => {
  const columns = fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) }));
  return {
    command,
    rowCount,
    rows: rows.map((row) =>
      Object.fromEntries(
        columns.map(({ name, parse }, index) => {
          const value = row[index] ?? null;
          return [name, value === null ? null : parse(value)];
        }),
      ),
    ),
  };
};

/** The one session of the embedded database. A statement that runs too long ends the worker, which is then opened again. */
export class PgliteBackend implements SqlBackend {
  readonly kind = 'pglite';
  private readonly queue: SessionQueue;
  private client: PgliteClient;
  private closed = false;

  private constructor(private readonly options: PgliteOptions) {
    this.queue = new SessionQueue(options.acquireTimeoutMs);
    this.client = new PgliteClient(options);
  }

  static async open(options: PgliteOptions): Promise<PgliteBackend> {
    const backend = new PgliteBackend(options);
    await backend.client.ready;
    return backend;
  }

  async acquire(): Promise<SqlSession> {
    if (this.closed) throw errors.SERVICE_UNAVAILABLE({}, { cause: new Error('the database is closed') });
    await this.queue.enter();
    try {
      const client = await this.liveClient();
      return {
        query: (text, parameters, options) => this.query(client, { text, parameters, options }),
        release: () => this.queue.leave(),
      };
    } catch (thrown) {
      this.queue.leave();
      throw thrown;
    }
  }

  acquireOwner(): Promise<SqlSession> {
    return this.acquire();
  }

  /** A dump of the whole cluster as gzipped tar. */
  async dump(): Promise<Uint8Array> {
    await this.queue.enter();
    try {
      return (await this.client.request({ kind: 'dump' })) as Uint8Array;
    } finally {
      this.queue.leave();
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    try {
      // Behind the transactions that are already waiting; those that come later are refused.
      await this.queue.enter();
      if (!this.client.ended) await this.client.close();
      this.queue.leave();
    } catch {
      // Someone does not let go: what they have not committed is not kept.
      await this.client.terminate();
    } finally {
      await this.options.onClosed?.();
    }
  }

  private async liveClient(): Promise<PgliteClient> {
    if (this.client.ended) {
      if (!this.options.dataDirectory) throw errors.SERVICE_UNAVAILABLE({}, { cause: new Error('the in-memory database has ended') });
      this.options.logger?.warn({ event: 'database.reopened' }, 'embedded database reopened');
      this.client = new PgliteClient(this.options);
    }
    await this.client.ready.catch((cause: unknown) => {
      throw errors.SERVICE_UNAVAILABLE({}, { cause });
    });
    return this.client;
  }

  private async query(
    client: PgliteClient,
    { text, parameters, options: { timeoutMs } }: { text: string; parameters: readonly unknown[]; options: StatementOptions },
  ): Promise<SqlResult> {
    // Made only when it is needed: an error costs a stack trace, and this runs at every statement.
    const timeout = () => errors.TIMEOUT({ seconds: Math.ceil(timeoutMs / 1000) });
    let timedOut = false;
    let giveUp: (reason: unknown) => void = () => undefined;
    const limit = new Promise<never>((_, reject) => (giveUp = reject));
    const timer =
      timeoutMs > 0
        ? setTimeout(() => {
            timedOut = true;
            // In memory the worker holds the data: there only the caller is let go, and the next one waits for the statement's end.
            if (this.options.dataDirectory) void client.terminate();
            else giveUp(timeout());
          }, timeoutMs)
        : undefined;
    try {
      const request = client.request({ kind: 'query', text, parameters: parameters.map(toParameter) });
      return toResult((await Promise.race([request, limit])) as RawResult);
    } catch (thrown) {
      if (!(thrown instanceof WorkerEnded)) throw thrown;
      throw timedOut ? timeout() : errors.SERVICE_UNAVAILABLE({}, { cause: thrown });
    } finally {
      clearTimeout(timer);
    }
  }
}
