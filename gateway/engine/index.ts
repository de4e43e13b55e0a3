export { createEngine, type EngineOptions } from './engine';
export { localSubgraph, type LocalSubgraphOptions } from './subgraphs/local-subgraph';
export type { EngineLog, GraphEngine, GraphRequest, Subgraph, SubgraphRequest } from './types';
export { remoteSubgraph, type RemoteSubgraphOptions } from './remote/remote-subgraph';
export { attachSubgraph, serveSubgraph, type ServedSubgraph, type ServeSubgraphOptions } from './remote/serve-subgraph';
export { subgraphsOf, type SubgraphAddress } from './supergraph-subgraphs';
