import { Worker } from 'node:worker_threads';

import { errors } from '#platform/errors';
import { builtExecArgv, builtFile } from '#platform/lifecycle';

export interface RenderRequest {
  /** Vega-Lite with its data. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly format: 'svg' | 'png';
  /** Pixels. @default 720 × 400 */
  readonly width?: number;
  readonly height?: number;
}

export interface ChartRenderer {
  /** SVG as text in a buffer, or PNG at twice the pixels. QUERY_FAILED for a specification that cannot be drawn. */
  render(request: RenderRequest): Promise<Buffer>;
  close(): Promise<void>;
}

const timeoutMs = 15_000;

/** Draws charts in a thread of its own; one that takes too long is ended with its thread, and a new one starts. */
export function createChartRenderer(): ChartRenderer {
  let worker: Worker | undefined;
  let nextId = 0;
  const waiting = new Map<number, { resolve: (image: Buffer) => void; reject: (error: unknown) => void }>();

  const end = (error: unknown): void => {
    const ended = worker;
    worker = undefined;
    void ended?.terminate();
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };

  const start = (): Worker => {
    const made = new Worker(builtFile('subgraphs/dashboards/service/render/render-worker'), { execArgv: [...builtExecArgv] });
    made.unref();
    made.on('message', ({ id, image, problem }: { id: number; image?: string | Uint8Array; problem?: string }) => {
      const entry = waiting.get(id);
      waiting.delete(id);
      if (waiting.size === 0) made.unref();
      if (image === undefined) entry?.reject(errors.QUERY_FAILED({ reason: 'the chart cannot be drawn' }, { cause: problem }));
      else entry?.resolve(Buffer.from(image as Uint8Array));
    });
    made.on('error', (cause) => worker === made && end(errors.QUERY_FAILED({ reason: 'the chart cannot be drawn' }, { cause })));
    return made;
  };

  return {
    render({ spec, format, width = 720, height = 400 }) {
      worker ??= start();
      worker.ref();
      const id = (nextId += 1);
      return new Promise<Buffer>((resolve, reject) => {
        const timer = setTimeout(() => end(errors.TIMEOUT({ seconds: timeoutMs / 1_000 })), timeoutMs);
        const settle = <Args extends unknown[]>(then: (...args: Args) => void) => (...args: Args): void => {
          clearTimeout(timer);
          then(...args);
        };
        waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
        worker!.postMessage({ id, spec, format, width, height, scale: 2 });
      });
    },
    async close() {
      const ending = worker;
      worker = undefined;
      await ending?.terminate();
    },
  };
}
