export { createEngine, type EngineOptions } from './engine';
export { localSubgraph, type LocalSubgraphOptions } from './subgraphs/local-subgraph';
export type { EngineLog, GraphEngine, GraphRequest, Subgraph, SubgraphRequest } from './types';
