export type * from './catalog';
export { dialects, columnTypes, MAX_VALUES_PER_COLUMN } from './catalog';
export type * from './tree';
export type { Generation, GenerateContext, Interpretation, Alternative, Clarification, ReadingOption } from './types';
export { rivalsDisagree, rivalsMayWin, settleRivals, type ResultRows } from './rivals';
export { createSemanticEngine, type EngineOptions, type SemanticEngine, type Suggestion } from './semantic-engine';
