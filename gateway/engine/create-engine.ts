import type { GraphQLScalarType } from 'graphql';

import type { RequestContext } from '#platform/graphql';

import { FederatedEngine } from './engine';
import { defaultLimits, type OperationLimits } from './limits/limits';
import { noObserver, type EngineObserver } from './observer';
import type { CompileParts } from './operation/compile-operation';
import { BoundedCache, type CacheBounds } from './operation/operation-cache';
import { Operations } from './operation/operations';
import { apolloPlanner } from './planning/apollo-planner';
import { withoutDirectives } from './planning/composed-directives';
import { withFallback } from './planning/fallback-planner';
import { hivePlanner } from './planning/hive-planner';
import type { Planner } from './planning/planner';
import { shareMembers } from './planning/partial-members';
import { privateNames } from './planning/private-names';
import { resolvableKeysFirst } from './planning/resolvable-keys-first';
import { separateRequirements } from './planning/separate-requirements';
import { splitByRequirements } from './planning/split-by-requirements';
import { translatingPlanner } from './planning/translate-plan';
import { knownTypesPlanner } from './planning/without-foreign-types';
import { loadSupergraph, type LoadedSupergraph } from './supergraph';
import { readDirectives } from './supergraph-directives';
import type { EngineLog, GraphEngine, Subgraph } from './types';

export interface EngineOptions {
  readonly supergraphSdl: string;
  readonly subgraphs: readonly Subgraph[];
  readonly log: EngineLog;
  /** Definitions of custom scalars, so that bad values are refused at the door. */
  readonly scalars?: readonly GraphQLScalarType[];
  readonly cache?: CacheBounds;
  /** `hive` is faster on a miss and needs its optional package. @default 'apollo' */
  readonly planner?: 'apollo' | 'hive';
  readonly limits?: Partial<OperationLimits>;
  readonly observer?: EngineObserver;
  /** Subscription fields that are live feeds: equal subscriptions of one caller share an upstream. @default none */
  readonly sharedFeeds?: readonly string[];
  /** The argument with which a feed replays; such a subscription has an upstream of its own. @default 'after' */
  readonly replayArgument?: string;
  /** `stop()` leaves the subgraphs open, for an engine that comes after this one. @default false */
  readonly keepSubgraphs?: boolean;
  /** Who may ask `__schema` and `__type`. @default true */
  readonly introspection?: boolean | ((context: RequestContext) => boolean);
  /** "Did you mean" in validation messages, which tells strangers what the schema holds. @default true */
  readonly suggestions?: boolean;
}

/** Makes the graph of a supergraph and its subgraphs, in this process or elsewhere. */
export function createEngine(options: EngineOptions): GraphEngine {
  const { supergraphSdl, introspection = true } = options;
  const loaded = loadSupergraph(supergraphSdl, options.scalars);
  const limits = { ...defaultLimits, ...options.limits };
  const compile: CompileParts = {
    subgraphs: new Map(options.subgraphs.map((subgraph) => [subgraph.name, subgraph])),
    schema: loaded.fullSchema,
    apiSchema: loaded.schema,
    planner: plannerFor(loaded, options.planner ?? 'apollo'),
    names: privateNames(supergraphSdl),
    plans: new BoundedCache(options.cache),
    log: options.log,
    observer: options.observer ?? noObserver,
  };
  const operations = new Operations({
    parts: compile,
    limits,
    directives: readDirectives(supergraphSdl),
    withSuggestions: options.suggestions ?? true,
    cache: options.cache,
  });
  return new FederatedEngine(supergraphSdl, {
    operations,
    compile,
    limits,
    mayIntrospect: typeof introspection === 'function' ? introspection : () => introspection,
    sharedFeeds: new Set(options.sharedFeeds),
    replayArgument: options.replayArgument ?? 'after',
    keepSubgraphs: options.keepSubgraphs ?? false,
  });
}

function plannerFor(loaded: LoadedSupergraph, name: 'apollo' | 'hive'): Planner {
  const separated = separateRequirements(loaded.sdl);
  const shared = shareMembers(separated?.sdl ?? loaded.sdl);
  const sdl = shared?.sdl ?? separated?.sdl ?? loaded.sdl;
  const apollo = (): Planner => {
    const sorted = resolvableKeysFirst(sdl);
    return apolloPlanner(sdl !== loaded.sdl || sorted ? loadSupergraph(sorted ?? sdl) : loaded);
  };
  const hive = (): Planner => hivePlanner({ supergraphSdl: sdl, schema: loaded.schema, fullSchema: loaded.fullSchema });
  const first = name === 'hive' ? withFallback(hive(), apollo) : withFallback(apollo(), hive);
  const split = splitByRequirements(first, sdl);
  const planner = shared ? knownTypesPlanner(split, shared.foreign) : split;
  const translating = separated ? translatingPlanner(planner, separated) : planner;
  return loaded.composedDirectives.size > 0 ? withoutDirectives(translating, loaded.composedDirectives) : translating;
}
