// Completes package-lock.json with the packages for other platforms that npm left out. npm drops an optional package that
// its registry does not serve, and then `npm ci` refuses the lock file, on every platform. Run it after each `npm install`.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const lockFile = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'package-lock.json');

/** The optional dependencies that a lock file's packages name and the lock file lacks: [{ name, version }]. */
export function missingOptional(packages) {
  const missing = new Map();
  for (const [place, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!isLocked(packages, place, name)) missing.set(name, version);
    }
  }
  return [...missing].map(([name, version]) => ({ name, version }));
}

/** Node's own look-up: beside the package, then in each folder above it. */
function isLocked(packages, place, name) {
  for (let folder = place; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (`${folder && `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
    if (!folder.includes('/node_modules/')) folder = '';
  }
}

/** An entry as npm writes it, less the hash: npm takes it from the registry on the one platform that installs the package. */
function entryOf({ name, version }) {
  const view = ['view', name, 'os', 'cpu', 'libc', 'license', 'engines', '--json'];
  const told = JSON.parse(execFileSync('npm', view, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  const { os, cpu, libc, license, engines } = told;
  return { version, cpu, libc, license, optional: true, os, engines };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const lock = JSON.parse(readFileSync(lockFile, 'utf8'));
  const missing = missingOptional(lock.packages);
  for (const one of missing) lock.packages[`node_modules/${one.name}`] = entryOf(one);
  const { '': project, ...rest } = lock.packages;
  const sorted = Object.fromEntries(Object.entries(rest).sort(([a], [b]) => a.localeCompare(b, 'en')));
  lock.packages = { '': project, ...sorted };
  writeFileSync(lockFile, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing.length} packages added.`);
}
