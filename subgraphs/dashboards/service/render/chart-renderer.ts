import { Worker } from 'node:worker_threads';

import { errors } from '#platform/errors';
import { builtExecArgv, builtFile } from '#platform/lifecycle';

export interface RenderRequest {
  /** Vega-Lite with its data, or an SVG as it is. */
  readonly spec: Readonly<Record<string, unknown>> | string;
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

export interface ChartRendererOptions {
  /** For one picture, once its turn has come. @default 15_000 */
  readonly timeoutMs?: number;
  /** Pictures that wait for their turn; more are SERVICE_UNAVAILABLE. @default 1_000 */
  readonly maxWaiting?: number;
}

interface Task {
  readonly request: RenderRequest;
  resolve(image: Buffer): void;
  reject(error: unknown): void;
}

interface Answer {
  readonly image?: string | Uint8Array;
  readonly problem?: string;
}

const cannotBeDrawn = (cause: unknown) => errors.QUERY_FAILED({ reason: 'the chart cannot be drawn' }, { cause });

/**
 * Draws charts one after the other in a thread of its own. One that takes too long, or too much memory, is ended with its thread; the
 * next in turn is drawn by a new one.
 */
class ThreadRenderer implements ChartRenderer {
  private readonly queue: Task[] = [];
  private worker: Worker | undefined;
  private drawing: { readonly task: Task; readonly timer: NodeJS.Timeout } | undefined;

  constructor(private readonly options: ChartRendererOptions) {}

  render(request: RenderRequest): Promise<Buffer> {
    if (this.queue.length >= (this.options.maxWaiting ?? 1_000)) return Promise.reject(errors.SERVICE_UNAVAILABLE());
    return new Promise((resolve, reject) => {
      this.queue.push({ request, resolve, reject });
      this.next();
    });
  }

  async close(): Promise<void> {
    const ending = this.worker;
    this.worker = undefined;
    const closed = errors.SERVICE_UNAVAILABLE();
    for (const { reject } of this.queue.splice(0)) reject(closed);
    this.settle()?.reject(closed);
    await ending?.terminate();
  }

  private next(): void {
    if (this.drawing) return;
    const task = this.queue.shift();
    if (!task) return this.worker?.unref();
    const timeoutMs = this.options.timeoutMs ?? 15_000;
    this.worker ??= this.start();
    this.worker.ref();
    this.drawing = { task, timer: setTimeout(() => this.abandon(errors.TIMEOUT({ seconds: timeoutMs / 1_000 })), timeoutMs) };
    const { spec, format, width = 720, height = 400 } = task.request;
    this.worker.postMessage({ spec, format, width, height, scale: 2 });
  }

  private start(): Worker {
    const made = new Worker(builtFile('subgraphs/dashboards/service/render/render-worker'), {
      execArgv: [...builtExecArgv],
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    made.on('message', ({ image, problem }: Answer) => {
      if (this.worker !== made) return;
      const task = this.settle();
      if (image === undefined) task?.reject(cannotBeDrawn(problem));
      else task?.resolve(Buffer.from(image as Uint8Array));
      this.next();
    });
    made.on('error', (cause) => this.worker === made && this.abandon(cannotBeDrawn(cause)));
    return made;
  }

  /** Ends the thread with what it draws, and only that. */
  private abandon(error: unknown): void {
    const ended = this.worker;
    this.worker = undefined;
    void ended?.terminate();
    this.settle()?.reject(error);
    this.next();
  }

  private settle(): Task | undefined {
    const { task, timer } = this.drawing ?? {};
    clearTimeout(timer);
    this.drawing = undefined;
    return task;
  }
}

export const createChartRenderer = (options: ChartRendererOptions = {}): ChartRenderer => new ThreadRenderer(options);
