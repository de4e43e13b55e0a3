import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';

interface Owner {
  readonly pid: number;
  /** Tells a process from a later one with the same pid. Null where the system does not say. */
  readonly processStart: string | null;
  readonly host: string;
  readonly token: string;
  readonly since: string;
}

/** The directory belongs to another process; the message is one sentence for people, naming it. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
  constructor(
    readonly directory: string,
    readonly pid: number,
    where: string,
  ) {
    super(`The data directory ${directory} is in use by process ${pid}${where}; stop that process, or choose another directory.`);
  }
}

const heartbeatMs = 10_000;
/** Of an owner on another host, whose process cannot be asked. */
const silentMs = 60_000;
const takeOverMs = 5_000;

/** Field 22 of /proc/<pid>/stat: start time in clock ticks since boot. The command name before it may contain spaces and brackets. */
const processStart = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
};

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const ageMs = (file: string): number => {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
};

const readOwner = (file: string): Owner | null | 'unreadable' => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return 'unreadable';
  }
};

const isAlive = (owner: Owner, file: string): boolean => {
  if (owner.host !== hostname()) return ageMs(file) < silentMs;
  if (!isRunning(owner.pid)) return false;
  const started = processStart(owner.pid);
  return started === null || owner.processStart === null || started === owner.processStart;
};

const create = (file: string, owner: Owner): boolean => {
  try {
    writeFileSync(file, JSON.stringify(owner), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

/** Removes a dead owner's file. One process at a time: else the slower of two would remove the file that the faster has just made. */
const removeStale = (file: string): void => {
  const guard = `${file}.takeover`;
  try {
    mkdirSync(guard);
  } catch {
    if (ageMs(guard) > takeOverMs) rmdirSync(guard);
    return;
  }
  try {
    const owner = readOwner(file);
    // Unreadable: its writer died between creating and writing, unless it is writing now.
    const isDead = owner === 'unreadable' ? ageMs(file) > takeOverMs : owner !== null && !isAlive(owner, file);
    if (isDead) rmSync(file, { force: true });
  } finally {
    rmdirSync(guard);
  }
};

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Makes this process the only one in `directory`, by a file created with O_EXCL; PGlite has no lock of its own, and two processes on
 * one directory lose rows silently. Throws DirectoryInUse. Returns what gives the directory back.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'owner.lock');
  const owner: Owner = {
    pid: process.pid,
    processStart: processStart(process.pid),
    host: hostname(),
    token: randomUUID(),
    since: new Date().toISOString(),
  };
  const isMine = (): boolean => (readOwner(file) as Owner | null)?.token === owner.token;

  const deadline = Date.now() + 2 * takeOverMs;
  while (!create(file, owner)) {
    const holder = readOwner(file);
    if (holder !== null && holder !== 'unreadable' && isAlive(holder, file)) {
      throw new DirectoryInUse(directory, holder.pid, holder.host === hostname() ? '' : ` on host ${holder.host}`);
    }
    if (Date.now() > deadline)
      throw new Error(`The data directory ${directory} could not be locked; remove ${file} if no process uses it.`);
    removeStale(file);
    await pause(20);
  }
  if (!isMine()) throw new DirectoryInUse(directory, (readOwner(file) as Owner | null)?.pid ?? 0, '');

  const heartbeat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(file, now, now);
    } catch {
      // The folder was removed under us; the database itself will say so.
    }
  }, heartbeatMs);
  heartbeat.unref();
  const remove = (): void => {
    if (isMine()) rmSync(file, { force: true });
  };
  process.once('exit', remove);
  return async () => {
    clearInterval(heartbeat);
    process.removeListener('exit', remove);
    remove();
  };
}
