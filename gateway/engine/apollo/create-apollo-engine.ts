import type { GraphEngine } from '../types';

import type * as ApolloEngine from './apollo-engine';

/** Loads the stock gateway only where it is asked for: it takes longer to load than all of the engine. */
export function createApolloEngine(options: ApolloEngine.ApolloEngineOptions): Promise<GraphEngine> {
  const loaded = require('./apollo-engine') as typeof ApolloEngine;
  return loaded.createApolloEngine(options);
}
