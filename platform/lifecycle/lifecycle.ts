/** Each phase holds only what exists in it. */
export type Phase =
  | { readonly name: 'starting' }
  | { readonly name: 'ready'; readonly since: Date }
  | { readonly name: 'draining'; readonly since: Date }
  | { readonly name: 'stopped' };

export interface Resource {
  readonly name: string;
  /** Stops taking new work and lets the work in flight end. */
  drain?(): Promise<void> | void;
  /** Releases everything. */
  close?(): Promise<void> | void;
}

export interface Lifecycle {
  readonly phase: Phase;
  /** Whoever opens a resource registers it; it is drained and closed in the reverse order. */
  register(resource: Resource): void;
  ready(): void;
  /** Drains, then closes everything, each step bounded by the grace period. Idempotent: a second call awaits the first. */
  stop(): Promise<void>;
}

export interface LifecycleOptions {
  /** Time for work in flight. @default 10_000 ms */
  readonly graceMs?: number;
  readonly onError?: (resource: string, error: unknown) => void;
}

export function createLifecycle({ graceMs = 10_000, onError = () => undefined }: LifecycleOptions = {}): Lifecycle {
  const resources: Resource[] = [];
  let phase: Phase = { name: 'starting' };
  let stopping: Promise<void> | undefined;

  const bounded = async (name: string, step: (() => Promise<void> | void) | undefined): Promise<void> => {
    if (!step) return;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${name} took longer than ${graceMs} ms`)), graceMs);
    });
    try {
      await Promise.race([step(), limit]);
    } catch (error) {
      onError(name, error);
    } finally {
      clearTimeout(timer);
    }
  };

  const stopAll = async (): Promise<void> => {
    phase = { name: 'draining', since: new Date() };
    const reversed = [...resources].reverse();
    for (const resource of reversed) await bounded(resource.name, resource.drain?.bind(resource));
    for (const resource of reversed) await bounded(resource.name, resource.close?.bind(resource));
    phase = { name: 'stopped' };
  };

  return {
    get phase() {
      return phase;
    },
    register: (resource) => void resources.push(resource),
    ready: () => {
      phase = { name: 'ready', since: new Date() };
    },
    stop: () => (stopping ??= stopAll()),
  };
}
