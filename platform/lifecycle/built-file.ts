import { existsSync } from 'node:fs';
import path from 'node:path';

const findRoot = (from: string): string => {
  let directory = from;
  while (!existsSync(path.join(directory, 'package.json'))) {
    const parent = path.dirname(directory);
    if (parent === directory) throw new Error('package.json not found above the code');
    directory = parent;
  }
  return directory;
};

/** The folder that holds package.json, whether the code runs from source or from dist. */
export const projectRoot = findRoot(__dirname);

/**
 * The built form of a module that runs in a worker thread or child process, which always run from dist:
 * `builtFile('platform/db/pglite-worker')`.
 */
export const builtFile = (module: string): string => path.join(projectRoot, 'dist', `${module}.js`);

/** Node's flags for such workers and children: `#platform/*` resolves to dist. */
export const builtExecArgv: readonly string[] = ['-C', 'dist'];
