import DataLoader from 'dataloader';
import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';

import { Rest, type RequestContext } from '#platform/graphql';

import { LlmCacheAnalytics, LlmHealth, LlmPerformance, LlmUsage, LlmUsageReport, Tenant } from '../schema/usage.type';
import type { CacheService } from '../service/cache/cache.service';
import type { UsageService } from '../service/usage/usage.service';

import { toHealth, toPerformance, toTenantUsage, toUsage } from './present';

const tags = ['LLM router'];
const tenantPrefix = 'tenant:';

/** One store query for the usages of all messages and runs of a request. */
export const usageOf = async (usage: UsageService, context: RequestContext, id: string): Promise<LlmUsage | null> => {
  if (id.startsWith(tenantPrefix))
    return id === tenantPrefix + context.caller.tenantId ? toTenantUsage(id, await usage.usage(context.caller, {})) : null;
  const loader = context.loader('llm.usage', () => new DataLoader((ids: readonly string[]) => usage.ofSubjects(context.caller, ids)));
  const row = await loader.load(id);
  return row ? toUsage(id, row) : null;
};

@Resolver()
export class UsageResolver {
  constructor(
    private readonly usage: UsageService,
    private readonly cache: CacheService,
  ) {}

  @Rest({ method: 'GET', path: '/llm/usage', tags })
  @Query(() => LlmUsageReport, { description: 'Requests, tokens and cost of the tenant, by model and by day, and how its budgets stand.' })
  llmUsage(
    @Arg('periodDays', () => Int, { nullable: true, description: 'Days to look back; 1 to 366. Default 30.' })
    periodDays: number | undefined,
    @Ctx() { caller }: RequestContext,
  ): Promise<LlmUsageReport> {
    return this.usage.usage(caller, { periodDays: periodDays ?? undefined });
  }

  @Rest({ method: 'GET', path: '/llm/performance', tags })
  @Query(() => LlmPerformance, { description: 'Latency percentiles, error rate and tokens a second by model, from the stored calls.' })
  async llmPerformance(
    @Arg('windowMinutes', () => Int, { nullable: true, description: 'Minutes to look back; 1 to 43,200. Default 60.' })
    windowMinutes: number | undefined,
    @Ctx() { caller }: RequestContext,
  ): Promise<LlmPerformance> {
    const rows = await this.usage.performance(caller, { windowMinutes: windowMinutes ?? undefined });
    return { windowMinutes: windowMinutes ?? 60, providers: rows.map(toPerformance) };
  }

  @Rest({ method: 'GET', path: '/llm/health', tags })
  @Query(() => LlmHealth, { description: 'How each enabled model stands: breaker, waits asked for, error rate.' })
  async llmHealth(@Ctx() { caller }: RequestContext): Promise<LlmHealth> {
    const providers = (await this.usage.health(caller)).map(toHealth);
    const best = (['healthy', 'unknown', 'degraded', 'down'] as const).find((status) => providers.some((each) => each.status === status));
    return { status: best ?? 'unknown', providers };
  }

  @Rest({ method: 'GET', path: '/llm/cache/analytics', tags })
  @Query(() => LlmCacheAnalytics, { description: 'What the answer cache holds, finds and saves.' })
  llmCacheAnalytics(
    @Arg('periodDays', () => Int, { nullable: true, description: 'Days to look back; 1 to 366. Default 30.' })
    periodDays: number | undefined,
    @Ctx() { caller }: RequestContext,
  ): Promise<LlmCacheAnalytics> {
    return this.cache.analytics(caller, { periodDays: periodDays ?? undefined });
  }
}

@Resolver(() => Tenant)
export class TenantResolver {
  constructor(private readonly service: UsageService) {}

  @FieldResolver(() => LlmUsage, { nullable: true, description: 'Its model usage over the last days.' })
  async usage(
    @Root() { id }: Tenant,
    @Arg('periodDays', () => Int, { nullable: true, description: 'Days to look back; 1 to 366. Default 30.' })
    periodDays: number | undefined,
    @Ctx() { caller }: RequestContext,
  ): Promise<LlmUsage> {
    return toTenantUsage(tenantPrefix + id, await this.service.usage(caller, { periodDays: periodDays ?? undefined }));
  }
}
