import type { Json } from './json';

/**
 * Objects for which a fetch has given nothing: the entity is gone, or the fetch failed and has said so. What they lack is null; what
 * any other object lacks was never asked for, which is a mistake of the plan or of the subgraph and must not look like a null.
 */
const gone = new WeakSet<Json>();

export const markGone = (object: Json): void => void gone.add(object);

export const isGone = (object: Json): boolean => gone.has(object);
