import { readdirSync } from 'node:fs';
import path from 'node:path';

import { projectRoot } from '#platform/lifecycle';

import type { StaticFile } from './file-server';

/** What charts need in the browser, from the packages themselves. */
const vendors = { 'vega.min.js': 'vega', 'vega-lite.min.js': 'vega-lite', 'vega-interpreter.min.js': 'vega-interpreter' };

/** The console at `/` and its files below `/console`. */
export function consolePages(): ReadonlyMap<string, StaticFile> {
  const folder = path.join(projectRoot, 'console');
  const own = readdirSync(folder).filter((name) => /\.(html|css|js|svg)$/.test(name));
  const packages = path.join(projectRoot, 'node_modules');
  return new Map<string, StaticFile>([
    ['/', { file: path.join(folder, 'index.html') }],
    ['/favicon.ico', { file: path.join(folder, 'icon.svg') }],
    ...own.map((name) => [`/console/${name}`, { file: path.join(folder, name) }] as const),
    ...Object.entries(vendors).map(
      ([name, from]) => [`/console/vendor/${name}`, { file: path.join(packages, from, 'build', name) }] as const,
    ),
  ]);
}
