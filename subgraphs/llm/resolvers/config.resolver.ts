import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';

import { Rest, type RequestContext } from '#platform/graphql';

import { UpdateLlmConfigInput } from '../schema/config.input';
import { LlmConfig } from '../schema/config.type';
import { InvalidateLlmCacheInput } from '../schema/route.input';
import { InvalidatedLlmCache } from '../schema/usage.type';
import type { CacheService } from '../service/cache/cache.service';
import type { ConfigService } from '../service/config/config.service';

import { toChange, toConfig } from './present';

const tags = ['LLM router'];

@Resolver(() => LlmConfig)
export class ConfigResolver {
  constructor(
    private readonly config: ConfigService,
    private readonly cache: CacheService,
  ) {}

  @Rest({ method: 'GET', path: '/llm/config', tags })
  @Query(() => LlmConfig, { description: "The tenant's model configuration. Administrators only; keys are never shown." })
  async llmConfig(@Ctx() { caller }: RequestContext): Promise<LlmConfig> {
    return toConfig(await this.config.get(caller));
  }

  @Rest({ method: 'PUT', path: '/llm/config', tags })
  @Mutation(() => LlmConfig, {
    description: 'Changes the model configuration. A change that would leave no provider is refused, and the old one stays.',
  })
  async updateLlmConfig(
    @Arg('input', () => UpdateLlmConfigInput) input: UpdateLlmConfigInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<LlmConfig> {
    return toConfig(await this.config.update(caller, toChange(input)));
  }

  @Rest({ method: 'POST', path: '/llm/cache/invalidate', tags })
  @Mutation(() => InvalidatedLlmCache, { description: 'Drops cached answers by table, label or model.' })
  async invalidateLlmCache(
    @Arg('input', () => InvalidateLlmCacheInput) input: InvalidateLlmCacheInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<InvalidatedLlmCache> {
    return { removed: await this.cache.invalidate(caller, input) };
  }
}
