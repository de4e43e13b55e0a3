import { Arg, Ctx, FieldResolver, ID, Int, Resolver, Root, Subscription, type SubscribeResolverData } from 'type-graphql';

import type { RequestContext } from '#platform/graphql';

import { Dashboard, DashboardChangeEvent } from '../schema/dashboard.type';
import type { DashboardService } from '../service/dashboard/dashboard.service';
import type { StreamService } from '../service/stream.service';

import { toDashboard } from './present';

interface ChangedArgs {
  readonly id: string;
  readonly after?: number | null;
}

/** The subscription needs the stream service before an instance exists, so the class is made with it. */
export const createDashboardChangedSubscription = (streams: StreamService, dashboards: DashboardService) => {
  @Resolver(() => DashboardChangeEvent)
  class DashboardChangedSubscription {
    @Subscription(() => DashboardChangeEvent, {
      description: 'Changes of a dashboard as they happen, each with what differs.',
      // type-graphql asks for an AsyncIterable at once, which an async generator is.
      subscribe: (({ args, context }: SubscribeResolverData<unknown, ChangedArgs, RequestContext>) =>
        streams.follow(context.caller, { id: args.id, after: args.after, signal: context.signal })) as never,
    })
    dashboardChanged(
      @Arg('id', () => ID, { description: 'The dashboard.' }) _id: string,
      @Arg('after', () => Int, { nullable: true, description: 'The last sequence already seen. Default: only what comes from now on.' })
      _after: number | null,
      @Root() event: DashboardChangeEvent,
    ): DashboardChangeEvent {
      return event;
    }

    @FieldResolver(() => Dashboard, { nullable: true, description: 'The dashboard as it is now.' })
    async dashboard(@Root() { dashboardId }: DashboardChangeEvent, @Ctx() { caller }: RequestContext): Promise<Dashboard | null> {
      const [found] = await dashboards.findMany(caller, [dashboardId]);
      return found ? toDashboard(found) : null;
    }
  }
  return DashboardChangedSubscription;
};
