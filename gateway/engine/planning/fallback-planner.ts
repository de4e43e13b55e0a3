import type { OperationPlan } from './plan';
import type { Planner, PlanRequest } from './planner';

/**
 * Each planner has operations that it fails on with an assertion of its own (the reference one: a fragment on a union around an
 * interface object). The second is made when the first has failed once; where it can't be, or fails too, the first failure stands.
 */
export function withFallback(first: Planner, makeSecond: () => Planner): Planner {
  let second: Planner | undefined;
  return {
    name: first.name,
    plan(request: PlanRequest): OperationPlan {
      try {
        return first.plan(request);
      } catch (thrown) {
        try {
          second ??= makeSecond();
          return second.plan(request);
        } catch {
          throw thrown;
        }
      }
    },
  };
}
