import { accessSync, constants, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { projectRoot } from '#platform/lifecycle';

import { PgliteClient } from './pglite-client';

const packageVersion = (): string => {
  const manifest = path.join(path.dirname(createRequire(__filename).resolve('@electric-sql/pglite')), '..', 'package.json');
  return (createRequire(__filename)(manifest) as { version: string }).version;
};

/** Where dumps are kept, to be made again at any time. */
export const cacheDirectory = path.join(projectRoot, '.cache');

/** Writes under another name and renames, so that a reader never meets half a file. */
export const writeWhole = (file: string, content: Uint8Array): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.${Date.now()}.partial`;
  writeFileSync(partial, content);
  renameSync(partial, file);
};

const isWritable = (directory: string): boolean => {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * An empty cluster as a tarball, made at first use: starting from it takes a quarter of the time of initdb. Undefined where the
 * cache cannot be written; the database then initialises itself.
 */
export async function seedFile(): Promise<string | undefined> {
  const file = path.join(cacheDirectory, `pglite-${packageVersion()}.tar.gz`);
  if (existsSync(file)) return file;
  if (!isWritable(cacheDirectory)) return undefined;
  const client = new PgliteClient({});
  try {
    await client.ready;
    writeWhole(file, (await client.request({ kind: 'dump' })) as Uint8Array);
    return file;
  } finally {
    await client.close();
  }
}
