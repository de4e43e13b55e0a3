import { Arg, Args, Ctx, ID, Query, Resolver } from 'type-graphql';

import { PageArgs, Rest, type Connection, type RequestContext } from '#platform/graphql';

import { RoutingDecision, RoutingDecisionConnection, RoutingReplay } from '../schema/decision.type';
import { LlmStrategy } from '../schema/enums';
import type { DecisionService } from '../service/decision.service';
import type { Strategy } from '../service/types';

import { toCandidate, toDecision } from './present';

const tags = ['LLM router'];

@Resolver(() => RoutingDecision)
export class DecisionResolver {
  constructor(private readonly decisions: DecisionService) {}

  @Rest({ method: 'GET', path: '/llm/decisions', tags })
  @Query(() => RoutingDecisionConnection, {
    description: "Routing decisions, newest first: the caller's own, for administrators all of the tenant.",
  })
  async routingDecisions(@Args(() => PageArgs) page: PageArgs, @Ctx() { caller }: RequestContext): Promise<Connection<RoutingDecision>> {
    const found = await this.decisions.list(caller, page);
    return {
      ...found,
      nodes: found.nodes.map(toDecision),
      edges: found.edges.map(({ cursor, node }) => ({ cursor, node: toDecision(node) })),
    };
  }

  @Rest({ method: 'GET', path: '/llm/decisions/:id', tags })
  @Query(() => RoutingDecision, { nullable: true, description: 'One routing decision, with every candidate and why it won or lost.' })
  async routingDecision(
    @Arg('id', () => ID, { description: 'The decision.' }) id: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<RoutingDecision> {
    return toDecision(await this.decisions.find(caller, id));
  }

  @Rest({ method: 'GET', path: '/llm/decisions/:id/replay', tags })
  @Query(() => RoutingReplay, {
    nullable: true,
    description: 'Weighs a stored decision again, by its own or another strategy. No model is called.',
  })
  async replayRoutingDecision(
    @Arg('id', () => ID, { description: 'The decision.' }) id: string,
    @Arg('strategy', () => LlmStrategy, { nullable: true, description: 'Another strategy. Default: that of the decision.' })
    strategy: string | undefined,
    @Ctx() { caller }: RequestContext,
  ): Promise<RoutingReplay> {
    const replay = await this.decisions.replay(caller, id, strategy as Strategy | undefined);
    return { ...replay, decision: toDecision(replay.decision), candidates: replay.candidates.map(toCandidate) };
  }
}
