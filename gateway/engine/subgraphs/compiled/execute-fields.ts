import type { GraphQLResolveInfo, ResponsePath } from 'graphql';

import { isPromise } from '../../execution/is-promise';
import type { Json } from '../../execution/json';

import { resolveInfoOf, type FieldPlan } from './fields';
import type { OperationRun, Place } from './run';

type Source = Readonly<Record<string, unknown>>;
type Methods = Readonly<Record<string, (...given: unknown[]) => unknown>>;

/** The fields of one object, at once; waits only where a resolver does. */
export function executeFields(plans: readonly FieldPlan[], source: unknown, run: OperationRun, place: Place): Json | Promise<Json> {
  const output: Json = {};
  let waiting: string[] | undefined;
  try {
    for (let index = 0; index < plans.length; index += 1) {
      const plan = plans[index]!;
      const value = executeField(plan, source, run, place);
      output[plan.key] = value;
      if (isPromise(value)) (waiting ??= []).push(plan.key);
    }
  } catch (thrown) {
    if (!waiting) throw thrown;
    // The others go on and may fail too: nobody else would listen to them.
    return settled(output, waiting).finally(() => {
      throw thrown;
    });
  }
  return waiting ? settled(output, waiting) : output;
}

/** The fields of a mutation's root, one after the other. */
export async function executeInOrder(plans: readonly FieldPlan[], run: OperationRun): Promise<Json> {
  const output: Json = {};
  for (const plan of plans) output[plan.key] = await executeField(plan, undefined, run, undefined);
  return output;
}

async function settled(output: Json, waiting: readonly string[]): Promise<Json> {
  const values = await Promise.all(waiting.map((key) => output[key]));
  waiting.forEach((key, index) => (output[key] = values[index]));
  return output;
}

function executeField(plan: FieldPlan, source: unknown, run: OperationRun, parent: Place): unknown {
  if (plan.constant !== undefined) return plan.constant;
  if (plan.isPlain && typeof source === 'object' && source !== null) {
    const value = (source as Source)[plan.name];
    if (typeof value !== 'function' && !isPromise(value)) return plainField(plan, value, run, parent);
  }
  const path = pathOf(plan, parent);
  try {
    let info: GraphQLResolveInfo | undefined;
    let value: unknown;
    const { resolve } = plan.definition;
    if (resolve) {
      info = resolveInfoOf(plan, run, path);
      value = resolve(source, plan.argumentsOf(run), run.context, info);
    } else if ((typeof source === 'object' && source !== null) || typeof source === 'function') {
      value = (source as Source)[plan.name];
      if (typeof value === 'function') {
        info = resolveInfoOf(plan, run, path);
        value = (source as Methods)[plan.name]!(plan.argumentsOf(run), run.context, info);
      }
    }
    const completed = isPromise(value)
      ? value.then((found) => plan.complete(found, run, path, info))
      : plan.complete(value, run, path, info);
    return isPromise(completed) ? completed.then(undefined, (thrown: unknown) => run.fail(thrown, plan, path)) : completed;
  } catch (thrown) {
    return run.fail(thrown, plan, path);
  }
}

/** Its place is only made when it fails. */
function plainField(plan: FieldPlan, value: unknown, run: OperationRun, parent: Place): unknown {
  try {
    return plan.complete(value, run, parent, undefined);
  } catch (thrown) {
    return run.fail(thrown, plan, pathOf(plan, parent));
  }
}

const pathOf = ({ key, parentType }: FieldPlan, parent: Place): ResponsePath => ({ prev: parent, key, typename: parentType.name });
