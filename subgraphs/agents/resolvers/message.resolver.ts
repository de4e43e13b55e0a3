import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';

import type { RequestContext } from '#platform/graphql';

import { AgentRun } from '../schema/run.type';
import { Message } from '../schema/stubs';
import type { RunService } from '../service/run.service';

import { loadRunOfMessage } from './references';

@Resolver(() => Message)
export class MessageResolver {
  constructor(private readonly runs: RunService) {}

  @FieldResolver(() => AgentRun, { nullable: true, description: 'The run of an agent that produced the message.' })
  run(@Root() { id }: Message, @Ctx() context: RequestContext): Promise<unknown> {
    return loadRunOfMessage(this.runs, context, id);
  }
}
