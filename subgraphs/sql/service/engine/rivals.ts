/**
 * Rival readings, run and compared: readings that agree in their rows support each other, and a reading without rows yields to one
 * that has some. Whoever can run queries cheaply calls this; the engine itself runs nothing.
 */
import type { Generation } from './types';

export type ResultRows = readonly (readonly unknown[])[];

/** How much a less likely reading counts: 1 is its own weight, smaller favours the likelier. */
const SHARPNESS = 0.7;
const COMPARED_ROWS = 2_000;

/**
 * @param results rows of the reading itself and of its alternatives in order; null where one failed or was not run.
 * @returns the generation with the best supported reading first
 */
export function settleRivals(generation: Generation, results: readonly (ResultRows | null)[]): Generation {
  if (generation.sql === null || generation.weight === undefined) return generation;
  const weights = [generation.weight, ...generation.alternatives.map((rival) => rival.weight ?? 0)];
  const support = new Map<string, number>();
  const keys = weights.map((_, index) => keyOf(results[index] ?? null, index));
  weights.forEach((weight, index) => support.set(keys[index]!, (support.get(keys[index]!) ?? 0) + Math.pow(weight, 1 / SHARPNESS)));
  let best = 0;
  let most = -1;
  weights.forEach((_, index) => {
    const rows = results[index];
    if (!rows || rows.length === 0) return;
    const own = support.get(keys[index]!)!;
    if (own > most + 1e-9) [best, most] = [index, own];
  });
  return best === 0 ? generation : promote(generation, best - 1);
}

/** False where the reading outweighs all its rivals together: once it has rows, theirs change nothing. */
export function rivalsMayWin({ weight = 1, alternatives }: Generation): boolean {
  const together = alternatives.reduce((sum, rival) => sum + Math.pow(rival.weight ?? 0, 1 / SHARPNESS), 0);
  return together > Math.pow(weight, 1 / SHARPNESS);
}

/** Do the readings that are nearly as likely disagree in their rows? Only then is it worth asking which was meant. */
export function rivalsDisagree(results: readonly (ResultRows | null)[]): boolean {
  const keys = new Set(results.flatMap((rows, index) => (rows ? [keyOf(rows, index)] : [])));
  return keys.size > 1;
}

function promote(generation: Generation, at: number): Generation {
  const rival = generation.alternatives[at]!;
  const { sql, tree, explanation, confidence, weight } = generation;
  const others = generation.alternatives.filter((_, index) => index !== at);
  const demoted = {
    sql: sql!,
    tree: tree!,
    explanation,
    confidence: Math.min(confidence, rival.confidence),
    ...(weight === undefined ? {} : { weight }),
  };
  return {
    ...generation,
    sql: rival.sql,
    tree: rival.tree,
    explanation: rival.explanation,
    interpretation: rival.interpretation ?? [],
    tablesUsed: rival.tablesUsed ?? [],
    ...(rival.weight === undefined ? {} : { weight: rival.weight }),
    alternatives: [{ ...demoted, interpretation: generation.interpretation, tablesUsed: generation.tablesUsed }, ...others],
  };
}

/** Equal for results of the same rows in any order, columns in any order, numbers to four places. */
function keyOf(rows: ResultRows | null, index: number): string {
  if (!rows || rows.length > COMPARED_ROWS) return `#${index}`;
  const cell = (value: unknown): string => (typeof value === 'number' ? String(Math.round(value * 1e4) / 1e4) : String(value));
  return `${rows.length}:${rows
    .map((row) => row.map(cell).sort().join('\u0001'))
    .sort()
    .join('\u0002')}`;
}
