import { createHash } from 'node:crypto';
import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { EngineLog, GraphEngine } from '../engine';
import type { ReloadableEngine } from '../engine';

export interface SupergraphWatch {
  close(): void;
}

export interface SupergraphWatchOptions {
  readonly file: string;
  readonly engine: ReloadableEngine;
  readonly log: EngineLog;
  /** Makes the engine for a new supergraph; throws where it is not a good one, and the old engine stays. */
  build(supergraphSdl: string): GraphEngine;
  /** Quiet time after which a changed file counts as written. @default 200 */
  readonly settleMs?: number;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Exchanges the engine when the supergraph file changes. The folder is watched, since deployments replace files by renaming. */
export function watchSupergraph({ file, engine, log, build, settleMs = 200 }: SupergraphWatchOptions): SupergraphWatch {
  let known = digest(engine.supergraphSdl);
  let timer: NodeJS.Timeout | undefined;
  const reload = async (): Promise<void> => {
    try {
      const sdl = await readFile(file, 'utf8');
      const seen = digest(sdl);
      if (seen === known) return;
      const next = build(sdl);
      known = seen;
      log.warn({ event: 'graph.reloaded', supergraph: seen.slice(0, 12) }, 'the supergraph has changed');
      await engine.replace(next);
    } catch (err) {
      log.error({ event: 'graph.reload_failed', err }, 'the new supergraph is not usable; the old one stays');
    }
  };
  const watcher: FSWatcher = watch(path.dirname(file), (_, name) => {
    if (name !== null && name !== path.basename(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void reload(), settleMs);
  });
  return {
    close() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
