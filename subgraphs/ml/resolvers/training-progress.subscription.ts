import { Arg, ID, Resolver, Root, Subscription, type SubscribeResolverData } from 'type-graphql';

import type { RequestContext } from '#platform/graphql';

import { TrainingProgressEvent } from '../schema/training.type';
import type { TrainingService } from '../service/training/training.service';

/** The subscription needs the service before an instance exists, so the class is made with it. */
export const createTrainingProgressSubscription = (training: TrainingService) => {
  @Resolver(() => TrainingProgressEvent)
  class TrainingProgressSubscription {
    @Subscription(() => TrainingProgressEvent, {
      description: 'Progress of a training, until it ends.',
      subscribe: (({ args, context }: SubscribeResolverData<unknown, { jobId: string }, RequestContext>) =>
        training.follow(context.caller, { jobId: args.jobId, signal: context.signal })) as never,
    })
    trainingProgress(
      @Arg('jobId', () => ID, { description: 'The job.' }) _jobId: string,
      @Root() event: TrainingProgressEvent,
    ): TrainingProgressEvent {
      return event;
    }
  }
  return TrainingProgressSubscription;
};
