/** What vectors belong to: those of different models are never compared. */
export interface EmbeddingSpace {
  readonly model: string;
  readonly dimension: number;
}

/** Turns texts into vectors of one model. The model's id and dimension are kept with every vector. */
export interface Embedder extends EmbeddingSpace {
  /** One unit vector a text, in order. Throws SERVICE_UNAVAILABLE where the model cannot be reached. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** Scales to length 1, so that the cosine is the dot product. A zero vector stays. */
export function normalise(vector: ArrayLike<number>): Float32Array {
  let squares = 0;
  for (let i = 0; i < vector.length; i += 1) squares += vector[i]! * vector[i]!;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 1;
  return Float32Array.from({ length: vector.length }, (_, i) => vector[i]! * scale);
}
