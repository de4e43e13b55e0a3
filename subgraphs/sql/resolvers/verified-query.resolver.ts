import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';

import { PageArgs, Rest, type Connection, type RequestContext } from '#platform/graphql';

import { CreateVerifiedQueryInput, VerifiedQueryIdInput } from '../schema/source.input';
import { RemovedVerifiedQuery, VerifiedQuery, VerifiedQueryConnection } from '../schema/source.type';
import type { VerifiedQueryService } from '../service/verified-query.service';

const tags = ['Verified queries'];

@Resolver(() => VerifiedQuery)
export class VerifiedQueryResolver {
  constructor(private readonly verified: VerifiedQueryService) {}

  @Rest({ method: 'GET', path: '/sql/verified-queries', tags, depth: 2 })
  @Query(() => VerifiedQueryConnection, { description: 'Verified queries of the tenant, newest first.' })
  verifiedQueries(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('sourceId', () => ID, { nullable: true, description: 'Only those of this source.' }) sourceId: string | undefined,
    @Ctx() { caller }: RequestContext,
  ): Promise<Connection<VerifiedQuery>> {
    return this.verified.list(caller, page, sourceId);
  }

  @Rest({ method: 'POST', path: '/sql/verified-queries', status: 201, tags })
  @Mutation(() => VerifiedQuery, {
    description: 'Approves a pair of question and SQL. It answers that question, and ones that differ in a value, from now on.',
  })
  createVerifiedQuery(
    @Arg('input', () => CreateVerifiedQueryInput) input: CreateVerifiedQueryInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<VerifiedQuery> {
    return this.verified.create(caller, input);
  }

  @Rest({ method: 'POST', path: '/sql/verified-queries/:verified_query_id/approve', tags })
  @Mutation(() => VerifiedQuery, {
    description:
      'Approves a candidate, such as a correction from a chat, once its SQL passes validation. Questions are answered with it from now on.',
  })
  approveVerifiedQuery(
    @Arg('input', () => VerifiedQueryIdInput) { verifiedQueryId }: VerifiedQueryIdInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<VerifiedQuery> {
    return this.verified.approve(caller, verifiedQueryId);
  }

  @Rest({ method: 'DELETE', path: '/sql/verified-queries/:verified_query_id', tags })
  @Mutation(() => RemovedVerifiedQuery, { description: 'Withdraws a verified query.' })
  deleteVerifiedQuery(
    @Arg('input', () => VerifiedQueryIdInput) { verifiedQueryId }: VerifiedQueryIdInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<RemovedVerifiedQuery> {
    return this.verified.remove(caller, verifiedQueryId);
  }
}
