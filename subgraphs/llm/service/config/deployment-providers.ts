import type { ProviderKind, ProviderSettings } from '../types';
import { localModelName, type LocalModelOptions } from '../providers/local-model';
import { defaultModels } from '../providers/model-facts';
import type { DeploymentProvider } from './config-directory';

/** What an operator may set for all tenants. */
export interface DeploymentModels {
  readonly openaiKey?: string;
  readonly anthropicKey?: string;
  readonly googleKey?: string;
  readonly local?: LocalModelOptions;
  readonly compatible?: { readonly url: string; readonly apiKey?: string; readonly model: string };
}

const provider = (name: string, kind: ProviderKind, given: Partial<ProviderSettings> = {}): ProviderSettings => ({
  name,
  kind,
  enabled: true,
  priority: 100,
  models: defaultModels[kind] ?? [],
  baseUrl: null,
  region: null,
  apiVersion: null,
  rateLimitRpm: null,
  maxTokens: null,
  maxConcurrent: 64,
  overrides: [],
  origin: 'deployment',
  ...given,
});

export function deploymentProviders({
  openaiKey,
  anthropicKey,
  googleKey,
  compatible,
  local,
}: DeploymentModels): readonly DeploymentProvider[] {
  return [
    ...(openaiKey ? [{ settings: provider('openai', 'openai'), apiKey: openaiKey }] : []),
    ...(anthropicKey ? [{ settings: provider('anthropic', 'anthropic'), apiKey: anthropicKey }] : []),
    ...(googleKey ? [{ settings: provider('google', 'google'), apiKey: googleKey }] : []),
    ...(compatible
      ? [
          {
            settings: provider('openai_compatible', 'openai_compatible', {
              baseUrl: compatible.url,
              models: [compatible.model],
              priority: 50,
            }),
            apiKey: compatible.apiKey ?? null,
          },
        ]
      : []),
    ...(local ? [{ settings: provider('local', 'local', { models: [localModelName(local.path)], priority: 200 }), apiKey: null }] : []),
  ];
}
