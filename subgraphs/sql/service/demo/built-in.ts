import { readFile, rename, writeFile } from 'node:fs/promises';

import type { Catalog } from '../engine';
import { parseModel } from '../semantic-model';
import type { OpenSource } from '../sources/types';
import type { ReadySource } from '../sources/ready-source';

import { buildDemo, demoSources, type BuiltDemo, type DemoName } from './demo';

export interface BuiltInOptions {
  /** Folder of the demo files. */
  readonly directory: string;
  readonly open: OpenSource;
  readonly now: Date;
  /** Told before a source is built, which takes seconds; not where its file is there already. */
  readonly onBuild?: (title: string) => void;
}

/** The demo sources as every tenant sees them. Their schema is read once per file and kept beside it. */
export async function prepareBuiltIn({ directory, open, now, onBuild }: BuiltInOptions): Promise<ReadySource[]> {
  const names = Object.keys(demoSources) as DemoName[];
  const sources: ReadySource[] = [];
  for (const name of names) {
    const built = await buildDemo(name, { directory, now, onBuild: () => onBuild?.(demoSources[name].title) });
    sources.push(await toReadySource(built, open));
  }
  return sources;
}

async function toReadySource(demo: BuiltDemo, open: OpenSource): Promise<ReadySource> {
  const [catalog, model] = await Promise.all([catalogOf(demo.file, open), readFile(demo.modelFile, 'utf8').then(parseModel)]);
  const builtAt = new Date(0);
  return {
    id: demo.name,
    tenantId: null,
    name: demo.title,
    kind: 'duckdb',
    status: 'ready',
    problem: null,
    file: demo.file,
    connection: {},
    sealedCredentials: null,
    catalog,
    model,
    modelInferred: false,
    dataVersion: demo.version,
    createdAt: builtAt,
    refreshedAt: builtAt,
  };
}

async function catalogOf(file: string, open: OpenSource): Promise<Catalog> {
  const kept = `${file}.catalog.json`;
  const known = await readFile(kept, 'utf8').catch(() => null);
  if (known) return JSON.parse(known) as Catalog;
  const adapter = open({ kind: 'duckdb', file, connection: {} });
  try {
    const catalog = await adapter.introspect();
    await writeFile(`${kept}.partial`, JSON.stringify(catalog));
    await rename(`${kept}.partial`, kept);
    return catalog;
  } finally {
    await adapter.close();
  }
}
