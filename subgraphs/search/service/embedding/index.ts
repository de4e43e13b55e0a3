export { createBuiltInEmbedder } from './built-in-embedder';
export { configuredEmbedders, type ConfiguredEmbedders, type EmbeddingSettings } from './configured';
export { createOnnxEmbedder, type OnnxEmbedderOptions } from './onnx-embedder';
export { createRemoteEmbedder, type RemoteEmbedderOptions } from './remote-embedder';
export { normalise, type Embedder, type EmbeddingSpace } from './types';
