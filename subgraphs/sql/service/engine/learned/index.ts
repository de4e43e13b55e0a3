export { LearnedReader, learnedReader } from './reader';
export type { LearnedReading } from './reader';
