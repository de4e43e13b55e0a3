export interface HealthCheck {
  readonly name: string;
  /** Rejects where the dependency is down. */
  check(): Promise<void>;
}

export interface Health {
  register(check: HealthCheck): void;
  /** Every check, each bounded by `timeoutMs`. Public answers carry names and states, no reasons. */
  ready(): Promise<{ readonly ok: boolean; readonly checks: Readonly<Record<string, 'up' | 'down'>> }>;
}

export function createHealth({ timeoutMs = 1_500 }: { readonly timeoutMs?: number } = {}): Health {
  const checks: HealthCheck[] = [];
  const run = async ({ name, check }: HealthCheck): Promise<readonly [string, 'up' | 'down']> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'down'>((resolve) => {
      timer = setTimeout(() => resolve('down'), timeoutMs);
    });
    const state = await Promise.race([
      check().then(
        () => 'up' as const,
        () => 'down' as const,
      ),
      late,
    ]);
    clearTimeout(timer);
    return [name, state];
  };
  return {
    register: (check) => void checks.push(check),
    async ready() {
      const states = await Promise.all(checks.map(run));
      return { ok: states.every(([, state]) => state === 'up'), checks: Object.fromEntries(states) };
    },
  };
}
