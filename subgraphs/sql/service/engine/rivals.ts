/**
 * Rival readings, run and compared: readings that agree in their rows support each other, and a reading without rows yields to one
 * that has some. Whoever can run queries cheaply calls this; the engine itself runs nothing.
 *
 * How to call: run `generation.sql` and the SQL of its alternatives in order, read-only, capped in rows and time; pass their rows, or null for one
 * that failed or was not run. Where all of them were run the confidence is that of the settled reading, which agreement raises and
 * disagreement lowers; where only the first was, it stays.
 */
import { settledConfidence, type Rival } from './learned/settled';
import { summarise, type ResultRows } from './results';
import type { Generation } from './types';

export type { ResultRows } from './results';

/** How much a less likely reading counts: 1 is its own weight, smaller favours the likelier. */
const SHARPNESS = 0.7;

/**
 * @param results rows of the reading itself and of its alternatives in order; null where one failed or was not run.
 * @returns the generation with the best supported reading first
 */
export function settleRivals(generation: Generation, results: readonly (ResultRows | null)[]): Generation {
  if (generation.sql === null || generation.weight === undefined) return generation;
  const weights = [generation.weight, ...generation.alternatives.map((rival) => rival.weight ?? 0)];
  const rivals = weights.map((weight, index): Rival => {
    const rows = results[index];
    return { weight, result: rows ? summarise(rows, index) : null };
  });
  const best = bestSupported(rivals);
  const settled = best === 0 ? generation : promote(generation, best - 1);
  if (!settled.evidence || !rivals.slice(1).some((rival) => rival.result)) return settled;
  const confidence = settledConfidence(settled.evidence, rivals, best);
  return confidence === undefined ? settled : { ...settled, confidence };
}

/** The first of the readings whose rows have the most weight together; the likeliest where none has rows. */
export function bestSupported(rivals: readonly Rival[]): number {
  const support = new Map<string, number>();
  for (const { weight, result } of rivals)
    if (result) support.set(result.key, (support.get(result.key) ?? 0) + Math.pow(weight, 1 / SHARPNESS));
  let best = 0;
  let most = -1;
  rivals.forEach(({ result }, index) => {
    if (!result || result.rows === 0) return;
    const own = support.get(result.key)!;
    if (own > most + 1e-9) [best, most] = [index, own];
  });
  return best;
}

/** False where the reading outweighs all its rivals together: once it has rows, theirs change nothing. */
export function rivalsMayWin({ weight = 1, alternatives }: Generation): boolean {
  const together = alternatives.reduce((sum, rival) => sum + Math.pow(rival.weight ?? 0, 1 / SHARPNESS), 0);
  return together > Math.pow(weight, 1 / SHARPNESS);
}

/** Do the readings that are nearly as likely disagree in their rows? Only then is it worth asking which was meant. */
export function rivalsDisagree(results: readonly (ResultRows | null)[]): boolean {
  const keys = new Set(results.flatMap((rows, index) => (rows ? [summarise(rows, index).key] : [])));
  return keys.size > 1;
}

function promote(generation: Generation, at: number): Generation {
  const rival = generation.alternatives[at]!;
  const { sql, tree, explanation, confidence, weight, evidence } = generation;
  const others = generation.alternatives.filter((_, index) => index !== at);
  const demoted = {
    sql: sql!,
    tree: tree!,
    explanation,
    confidence: Math.min(confidence, rival.confidence),
    ...(weight === undefined ? {} : { weight }),
    ...(evidence ? { evidence } : {}),
  };
  return {
    ...generation,
    sql: rival.sql,
    tree: rival.tree,
    explanation: rival.explanation,
    interpretation: rival.interpretation ?? [],
    tablesUsed: rival.tablesUsed ?? [],
    ...(rival.weight === undefined ? {} : { weight: rival.weight }),
    evidence: rival.evidence,
    alternatives: [{ ...demoted, interpretation: generation.interpretation, tablesUsed: generation.tablesUsed }, ...others],
  };
}
