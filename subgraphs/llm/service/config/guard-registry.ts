import { createHash } from 'node:crypto';

import { ModelGuard, type GuardOptions } from '../resilience/model-guard';
import type { ProviderSettings } from '../types';

const mostGuards = 5_000;

/** The guards of this process. The operator's providers are shared by all tenants: one tenant's finding that they are down spares the others. */
export class GuardRegistry {
  private readonly guards = new Map<string, ModelGuard>();

  constructor(private readonly options: Omit<GuardOptions, 'maxConcurrent'> = {}) {}

  of(tenantId: string, provider: ProviderSettings, target: { readonly model: string; readonly apiKey: string | null }): ModelGuard {
    const scope = provider.origin === 'deployment' ? 'deployment' : `tenant:${tenantId}`;
    // With the connection in the key, a corrected address or key starts with a closed breaker.
    const connection = createHash('sha256')
      .update(JSON.stringify([provider.kind, provider.baseUrl, provider.region, target.apiKey, provider.maxConcurrent]))
      .digest('base64url')
      .slice(0, 16);
    const key = `${scope}|${provider.name}|${target.model}|${connection}`;
    const known = this.guards.get(key);
    if (known) return known;
    if (this.guards.size >= mostGuards) this.guards.delete(this.guards.keys().next().value!);
    const made = new ModelGuard({ ...this.options, maxConcurrent: provider.maxConcurrent });
    this.guards.set(key, made);
    return made;
  }
}
