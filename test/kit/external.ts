import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A program that tests start: where it is, or why it cannot be had. */
export type Program = { readonly path: string } | { readonly missing: string };

const executable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const versioned = (pattern: { root: string; below: string } | undefined): string[] => {
  if (!pattern || !existsSync(pattern.root)) return [];
  const versions = readdirSync(pattern.root).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => path.join(pattern.root, version, pattern.below));
};

export interface Wanted {
  readonly name: string;
  /** Folders of the form root/<version>/below, besides PATH. */
  readonly folders?: { readonly root: string; readonly below: string };
  /** The Debian package that has it. */
  readonly aptPackage: string;
}

const search = ({ name, folders }: Wanted): string | undefined =>
  [...versioned(folders), ...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin']
    .map((folder) => path.join(folder, name))
    .find(executable);

/** Installs a Debian package. Other processes of the tests that want one meanwhile wait, and then find it there. */
function install(aptPackage: string): void {
  const script = `
    # Each test file asks again; one attempt an hour is enough.
    find "$1" -mmin -60 2>/dev/null | grep -q . && exit
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "$2"
    touch "$1"`;
  const attempt = path.join(tmpdir(), `parley-install-${aptPackage}`);
  spawnSync('flock', [path.join(tmpdir(), 'parley-install.lock'), 'sh', '-c', script, 'sh', attempt, aptPackage], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 900_000,
  });
}

/** Looks for a program, and installs it where that is possible: as root on a system with apt. */
export function findProgram(wanted: Wanted): Program {
  const found = search(wanted);
  if (found) return { path: found };
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!mayInstall) return { missing: `${wanted.name} is not installed (Debian package ${wanted.aptPackage})` };
  install(wanted.aptPackage);
  const installed = search(wanted);
  return installed ? { path: installed } : { missing: `${wanted.name} could not be installed (Debian package ${wanted.aptPackage})` };
}

/**
 * `describe` for what needs an outside program: without it the group is skipped under its name with the reason. In CI nothing may be
 * skipped silently, so there it fails.
 */
export function describeWith(program: Program, name: string, body: () => void): void {
  if ('path' in program) return void describe(name, body);
  if (process.env.CI === 'true') {
    describe(name, () => it('has the program that it needs', () => expect(program.missing).toBe('')));
    return;
  }
  describe(name, () => it.skip(`(skipped: ${program.missing})`, () => undefined));
}
