import DataLoader from 'dataloader';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';

import { Cost, Rest, type RequestContext } from '#platform/graphql';

import { LlmAnswer } from '../schema/answer.type';
import { RoutingDecision } from '../schema/decision.type';
import { RouteLlmInput, type LlmMessageInput } from '../schema/route.input';
import type { Decision, DecisionService } from '../service/decision.service';
import type { RouteService } from '../service/route.service';
import type { Strategy } from '../service/types';

import { toAnswer, toDecision } from './present';

/** One store query for all decisions of a request. */
export const decisionLoader = (decisions: DecisionService, context: RequestContext): DataLoader<string, Decision | null> =>
  context.loader('llm.decision', () => new DataLoader((ids: readonly string[]) => decisions.findMany(context.caller, ids)));

const toMessage = ({ role, content, toolCalls, toolCallId }: LlmMessageInput): object => ({
  role,
  content,
  tool_calls: toolCalls,
  tool_call_id: toolCallId,
});

@Resolver(() => LlmAnswer)
export class RouteResolver {
  constructor(
    private readonly routes: RouteService,
    private readonly decisions: DecisionService,
  ) {}

  @Cost(20)
  @Rest({ method: 'POST', path: '/llm/route', tags: ['LLM router'], depth: 2 })
  @Mutation(() => LlmAnswer, {
    description:
      'Asks whichever model the strategy chooses, with fallback, budget and cache. LLM_UNAVAILABLE with reasons where none answers.',
  })
  async routeLlm(@Arg('input', () => RouteLlmInput) input: RouteLlmInput, @Ctx() { caller, signal }: RequestContext): Promise<LlmAnswer> {
    const { messages, maxTokens, toolChoice, responseFormat, useCache, cacheTags, usageId, strategy, stream, ...rest } = input;
    const body = {
      ...rest,
      stream,
      messages: messages.map(toMessage),
      max_tokens: maxTokens,
      tool_choice: toolChoice,
      response_format: responseFormat,
    };
    const about = {
      strategy: strategy as Strategy | undefined,
      cache: useCache === false ? ('off' as const) : ('auto' as const),
      tags: cacheTags,
      usageId,
    };
    return toAnswer(await this.routes.route(caller, { ...about, purpose: 'route', body, signal }));
  }

  @FieldResolver(() => RoutingDecision, { nullable: true, description: 'The decision behind it, with every candidate.' })
  async decision(@Root() { routingDecisionId }: LlmAnswer, @Ctx() context: RequestContext): Promise<RoutingDecision | null> {
    const decision = await decisionLoader(this.decisions, context).load(routingDecisionId);
    return decision ? toDecision(decision) : null;
  }
}
