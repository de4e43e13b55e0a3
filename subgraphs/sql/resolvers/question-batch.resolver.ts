import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';

import { Cost, type RequestContext } from '#platform/graphql';

import { AskQuestionsInput, BatchAnswer } from '../schema/batch.type';
import type { QuestionBatchService } from '../service/together/question-batch.service';

@Resolver()
export class QuestionBatchResolver {
  constructor(private readonly batches: QuestionBatchService) {}

  @Cost(100)
  @Mutation(() => [BatchAnswer], {
    description: 'Answers questions together, in their order: those that read the same rows and differ in what they measure run as one.',
  })
  askQuestions(
    @Arg('input', () => AskQuestionsInput) input: AskQuestionsInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<BatchAnswer[]> {
    return this.batches.ask(caller, input, signal) as Promise<BatchAnswer[]>;
  }
}
