import type { ChildResult, EngineSettings, FromChild, ToChild } from './messages';

type QueryMessage = Extract<ToChild, { type: 'query' }>;

/** One engine as it looks inside a child process. */
export interface ChildEngine {
  open(file: string, settings: EngineSettings): Promise<void>;
  query(query: QueryMessage): Promise<ChildResult>;
  interrupt(): void;
}

const send = (message: FromChild): void => void process.send?.(message);

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Kernels without RLIMIT_DATA for mappings (macOS) leave this watch as the only memory bound: the child ends itself. */
const watchMemory = (limitMb: number): void => {
  setInterval(() => {
    if (process.memoryUsage.rss() > limitMb * 1024 * 1024) process.exit(outOfMemoryExit);
  }, 50).unref();
};

export const outOfMemoryExit = 71;

/** Answers the pool until the channel closes: a child never outlives its parent. */
export function serveChild(engine: ChildEngine, residentLimitMb: number): void {
  let running: number | undefined;
  watchMemory(residentLimitMb);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message: ToChild) => {
    if (message.type === 'interrupt') {
      if (running === message.id) engine.interrupt();
      return;
    }
    if (message.type === 'open') {
      engine.open(message.file, message.settings).then(
        () => send({ type: 'opened' }),
        (thrown: unknown) => send({ type: 'open-failed', message: messageOf(thrown) }),
      );
      return;
    }
    const { id } = message;
    running = id;
    engine
      .query(message)
      .then(
        (result) => send({ type: 'result', id, ...result }),
        (thrown: unknown) => send({ type: 'failed', id, message: messageOf(thrown) }),
      )
      .finally(() => {
        running = undefined;
      });
  });
  send({ type: 'ready' });
}
