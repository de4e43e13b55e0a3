import type { GraphEngine } from '../types';

import type { ApolloEngineOptions } from './apollo-engine';

/** Loads the stock gateway only where it is asked for: it takes longer to load than all of the engine. */
export function createApolloEngine(options: ApolloEngineOptions): Promise<GraphEngine> {
  const loaded = require('./apollo-engine') as typeof import('./apollo-engine');
  return loaded.createApolloEngine(options);
}
