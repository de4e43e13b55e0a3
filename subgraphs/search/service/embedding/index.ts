export { createBuiltInEmbedder } from './built-in-embedder';
export { createRemoteEmbedder, type RemoteEmbedderOptions } from './remote-embedder';
export { normalise, type Embedder } from './types';
