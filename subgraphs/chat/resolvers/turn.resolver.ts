import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';

import type { ChartType } from '#platform/charts';
import { Rest, type RequestContext } from '#platform/graphql';

import { SessionInput } from '../schema/session.input';
import { ChangeChartInput, RefineAnswerInput, RetryTurnInput, SendMessageInput, StartTurnInput } from '../schema/turn.input';
import { CancelledTurn, ChatTurn, StartedTurn, UndoneTurn } from '../schema/turn.type';
import type { HistoryService } from '../service/history.service';
import type { TurnRequest } from '../service/orchestrator';
import type { TurnService } from '../service/turn.service';

import { shownTurn } from './shown-message';

const tags = ['Chat'];
const base = '/bi/chat/sessions/:session_id';

@Resolver()
export class TurnResolver {
  constructor(
    private readonly turns: TurnService,
    private readonly history: HistoryService,
  ) {}

  @Rest({ method: 'POST', path: `${base}/messages`, tags })
  @Mutation(() => ChatTurn, { description: 'Says something and waits for the answer. One turn at a time: a second is CONFLICT.' })
  sendMessage(
    @Arg('input', () => SendMessageInput, { description: 'What is said.' }) { sessionId, message }: SendMessageInput,
    @Ctx() context: RequestContext,
  ): Promise<ChatTurn> {
    return this.answered(context, sessionId, { kind: 'message', text: message });
  }

  @Mutation(() => StartedTurn, { description: 'Says something and returns at once; the answer follows through `chatEvents`.' })
  startTurn(
    @Arg('input', () => StartTurnInput, { description: 'What is said.' }) { sessionId, message, refinement }: StartTurnInput,
    @Ctx() { caller, requestId }: RequestContext,
  ): Promise<StartedTurn> {
    return this.turns.startEither(caller, { sessionId, message, refinement, requestId });
  }

  @Rest({ method: 'POST', path: `${base}/refine`, tags })
  @Mutation(() => ChatTurn, { description: 'Edits the last query of a conversation and answers again.' })
  refineAnswer(
    @Arg('input', () => RefineAnswerInput, { description: 'The edit.' }) { sessionId, refinement }: RefineAnswerInput,
    @Ctx() context: RequestContext,
  ): Promise<ChatTurn> {
    return this.answered(context, sessionId, { kind: 'refine', text: refinement });
  }

  @Rest({ method: 'POST', path: `${base}/visualization`, tags })
  @Mutation(() => ChatTurn, { description: 'Draws the last result as another chart.' })
  changeChart(
    @Arg('input', () => ChangeChartInput, { description: 'The chart.' }) { sessionId, chartType }: ChangeChartInput,
    @Ctx() context: RequestContext,
  ): Promise<ChatTurn> {
    return this.answered(context, sessionId, { kind: 'chart', chartType: chartType as ChartType });
  }

  @Rest({ method: 'POST', path: `${base}/messages/:message_id/retry`, tags })
  @Mutation(() => ChatTurn, { description: 'Works again on an answer that failed or was cancelled.' })
  async retryTurn(
    @Arg('input', () => RetryTurnInput, { description: 'Which.' }) input: RetryTurnInput,
    @Ctx() { caller, requestId }: RequestContext,
  ): Promise<ChatTurn> {
    return shownTurn(await this.turns.retry(caller, { ...input, requestId }));
  }

  @Rest({ method: 'POST', path: `${base}/cancel`, tags })
  @Mutation(() => CancelledTurn, { description: 'Asks the running turn of a conversation to stop.' })
  async cancelTurn(
    @Arg('input', () => SessionInput, { description: 'Which.' }) { sessionId }: SessionInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<CancelledTurn> {
    return { sessionId, cancelled: await this.turns.cancel(caller, sessionId) };
  }

  @Rest({ method: 'POST', path: `${base}/undo`, tags })
  @Mutation(() => UndoneTurn, { description: 'Takes the last exchange back: follow-ups build on the one before.' })
  async undoTurn(
    @Arg('input', () => SessionInput, { description: 'Which.' }) { sessionId }: SessionInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<UndoneTurn> {
    return { sessionId, ...(await this.history.undo(caller, sessionId)) };
  }

  private async answered({ caller, requestId }: RequestContext, sessionId: string, request: TurnRequest): Promise<ChatTurn> {
    return shownTurn(await this.turns.send(caller, { sessionId, request, requestId }));
  }
}
