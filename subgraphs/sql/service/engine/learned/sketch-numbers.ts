/** The sketch as one row of numbers, as the role heads and the ranker read it. */
import { sketchLabels } from '../heads/types';
import type { Sketch, SketchHead } from '../heads/types';

export const sketchHeadNames = Object.keys(sketchLabels) as SketchHead[];
export const sketchNames: readonly string[] = sketchHeadNames.flatMap((head) => sketchLabels[head].map((label) => `${head}:${label}`));

const floor = (probability: number): number => Math.log(Math.max(1e-4, probability));

/** Probabilities in the order of `sketchNames` → log-probabilities by name. */
export const sketchOf = (probabilities: ArrayLike<number>): Sketch => {
  let at = 0;
  const sketch: Record<string, Record<string, number>> = {};
  for (const head of sketchHeadNames) {
    const labels: Record<string, number> = {};
    for (const label of sketchLabels[head]) labels[label] = floor(probabilities[at++]!);
    sketch[head] = labels;
  }
  return sketch as unknown as Sketch;
};
