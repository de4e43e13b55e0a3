import type { ConditionNode, FlattenNode, PathElement, PlanNode } from '../planning/plan';

import { compilePath } from './entity-paths';
import { batchFetchOf, compileEntityFetch, entityFetchOf } from './entity-fetch';
import { compileRootFetch } from './root-fetch';
import type { Json } from './json';
import type { Execute, ExecutionParts } from './parts';
import type { Run } from './run';

/** Compiles a plan to functions once, so that a request walks no tree of data and parses nothing. */
export function compilePlan(parts: ExecutionParts, node: PlanNode, path: readonly PathElement[] = []): Execute {
  switch (node.kind) {
    case 'Sequence':
      return sequence(node.nodes.map((child) => compilePlan(parts, child, path)));
    case 'Parallel':
      return parallel(node.nodes.map((child) => compilePlan(parts, child, path)));
    case 'Flatten':
      return flatten(parts, node, path);
    case 'Condition':
      return condition(parts, node, path);
    case 'Fetch':
      return node.requires ? compileEntityFetch(parts, entityFetchOf(node, path)) : compileRootFetch(parts, node, path);
    case 'BatchFetch':
      return compileEntityFetch(parts, batchFetchOf(parts.schema, node, path));
  }
}

const sequence =
  (children: readonly Execute[]): Execute =>
  (run, objects) => {
    for (let index = 0; index < children.length; index += 1) {
      const work = children[index]!(run, objects);
      if (work) return afterwards(work, children.slice(index + 1), { run, objects });
    }
  };

interface Given {
  readonly run: Run;
  readonly objects: readonly Json[];
}

async function afterwards(work: Promise<void>, rest: readonly Execute[], { run, objects }: Given): Promise<void> {
  await work;
  for (const child of rest) await child(run, objects);
}

const parallel =
  (children: readonly Execute[]): Execute =>
  async (run, objects) => {
    await Promise.all(children.map(async (child) => child(run, objects)));
  };

function flatten(parts: ExecutionParts, node: FlattenNode, path: readonly PathElement[]): Execute {
  const child = compilePlan(parts, node.node, [...path, ...node.path]);
  const select = compilePath(parts.schema, node.path);
  return (run, objects) => {
    const below = select(objects);
    if (below.length > 0) return child(run, below);
  };
}

function condition(parts: ExecutionParts, node: ConditionNode, path: readonly PathElement[]): Execute {
  const then = node.ifClause && compilePlan(parts, node.ifClause, path);
  const otherwise = node.elseClause && compilePlan(parts, node.elseClause, path);
  return (run, objects) => (run.conditions[node.condition] === true ? then?.(run, objects) : otherwise?.(run, objects));
}
