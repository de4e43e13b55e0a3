import { getPriority, setPriority } from 'node:os';

/**
 * Lets other threads go first where processors are short. `steps`: how much nicer this thread becomes, 1 to 19 (setpriority(2), where 0
 * is the calling thread). Requests are answered by the main thread, and it is not to wait for a worker's time slice of some milliseconds.
 * Only on Linux: elsewhere the number stands for the whole process.
 */
export function lowerThreadPriority(steps: number): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, Math.min(19, getPriority(0) + steps));
  } catch {
    // A container may forbid the call. Everything works without it.
  }
}
