import { Scorer } from '#platform/boosting';

import type { LinkedQuestion } from '../link/types';
import type { QueryTree } from '../tree';
import { canonical } from '../tree-walk';
import { drafts } from './beam';
import type { BeamInput, Draft } from './beam-types';
import { continues, continuity, mergeTrees, repeats, turnAround } from './follow-up';
import { calibrate, WINNER_AT, writeAnswerable, writeConfidence } from './confidence';
import { afterStrangeWords, strangeCut } from './common-words';
import { treeOf } from './draft-tree';
import { Judge } from './judge';
import { RankFeatures } from './rank-features';
import { RowWriter } from './role-features';
import type { Evidence } from './settled';
import { usedTokens } from './used-tokens';
import { loadWeights } from './weights';
import type { HeadModels } from './weights';

export interface LearnedReading {
  readonly tree: QueryTree;
  /** Calibrated probability that this reading is the right one. */
  readonly confidence: number;
  /** Token indexes that the reading accounts for. */
  readonly used: ReadonlySet<number>;
  /** Beside the best reading's, which is 1. */
  readonly weight?: number;
  readonly evidence?: Evidence;
  readonly warnings: string[];
}

const READINGS = 5;
/** Candidates of an utterance that are weighed against the query before it. */
const FOLLOWED = 20;
/** What it is worth, in the ranker's scores, that an utterance stays with the tables before it. */
const CONTINUITY = 1.8;

/** What an utterance that leans on the one before leaves of the confidence. */
const FOLLOWING = 0.8;

/** Below this probability the question is not about this source. */
const LEAST_ANSWERABLE = 0.5;

export class LearnedReader {
  private readonly judge: Judge;
  private readonly ranker: Scorer;
  private readonly confidence: Scorer;
  private readonly answerable: Scorer;

  constructor(private readonly models: HeadModels) {
    this.judge = new Judge(models);
    this.ranker = new Scorer(models.ranker);
    this.confidence = new Scorer(models.confidence);
    this.answerable = new Scorer(models.answerable);
  }

  /** Readings, best first; none where nothing of the question fits the schema. */
  read(question: LinkedQuestion): LearnedReading[] {
    if (question.schema.columns.length === 0) return [];
    const input = this.judge.judge(question);
    const found = this.ranked(input);
    const best = found[0];
    if (!best) return [];
    const evidenceOf = this.evidence(input, found);
    const certain = this.certainty(evidenceOf(best.features));
    // The rest share what is left, by their scores.
    const weights = found.map((item) => Math.exp(item.score - best.score));
    const rest = weights.slice(1).reduce((sum, weight) => sum + weight, 0);
    return found.slice(0, READINGS).map((item, index) => ({
      tree: item.tree,
      confidence: index === 0 ? certain : Math.min(certain * 0.99, rest > 0 ? ((1 - certain) * weights[index]!) / rest : 0),
      used: usedTokens(input, item.draft),
      weight: weights[index]!,
      evidence: evidenceOf(item.features),
      warnings: [],
    }));
  }

  /** Features by name: weights trained before a feature was added stay usable. */
  private inModelOrder(names: readonly string[], rows: readonly Float32Array[]): readonly Float32Array[] {
    const wanted = this.models.ranker.featureNames;
    if (wanted.length === names.length && wanted.every((name, index) => name === names[index])) return rows;
    const place = new Map(names.map((name, index) => [name, index]));
    const at = wanted.map((name) => place.get(name) ?? -1);
    return rows.map((row) => Float32Array.from(at, (index) => (index < 0 ? Number.NaN : row[index]!)));
  }

  /** Readings of an utterance that goes on from `last`; none where it stands for itself. */
  follow(question: LinkedQuestion, last: QueryTree): LearnedReading[] {
    if (!continues(question) || question.schema.columns.length === 0) return [];
    const turned = turnAround(question, last);
    if (turned) return [{ tree: turned, confidence: 0.7, used: new Set(question.tokens.map((token) => token.index)), warnings: [] }];
    const input = this.judge.judge(question);
    const found = this.ranked(input).slice(0, FOLLOWED);
    const merged = found
      .map((item) => ({ ...item, fit: item.score + CONTINUITY * continuity(question, last, item.tree) }))
      .sort((a, b) => b.fit - a.fit)
      .map((item) => ({ ...item, tree: mergeTrees(question, last, item.tree) }));
    // The query before once more answers nothing new.
    const changed = merged.filter((item) => !repeats(item.tree, last));
    const fits = changed.length > 0 ? changed : merged;
    const [best] = fits;
    if (!best) return [];
    const evidenceOf = this.evidence(input, found);
    const certain = FOLLOWING * this.certainty(evidenceOf(best.features));
    const seen = new Set<string>();
    return fits.slice(0, READINGS).flatMap((item): LearnedReading[] => {
      const { tree } = item;
      const key = canonical(tree);
      if (seen.has(key)) return [];
      seen.add(key);
      const weight = Math.exp(item.fit - best.fit);
      const evidence = evidenceOf(item.features);
      return [
        {
          tree,
          confidence: item === best ? certain : Math.min(certain * 0.99, (1 - certain) * weight),
          used: usedTokens(input, item.draft),
          weight,
          evidence: { ...evidence, doubt: evidence.doubt * FOLLOWING },
          warnings: [],
        },
      ];
    });
  }

  /** Candidates in the ranker's order, equal trees once. */
  private ranked(input: BeamInput): { draft: Draft; tree: QueryTree; score: number; features: Float32Array }[] {
    const all = drafts(input);
    const writer = new RankFeatures();
    const written = writer.rows(input, all);
    const rows = this.inModelOrder(writer.names, written);
    const width = this.models.ranker.featureNames.length;
    const block = new Float32Array(rows.length * width);
    rows.forEach((row, index) => block.set(row, index * width));
    const scores = this.ranker.scoreRows(block, rows.length);
    const perGroups = asksPerGroup(input);
    const order = all
      .map((draft, index) => ({ draft, score: scores[index]! + (perGroups ? perCost(draft) : 0), features: rows[index]! }))
      .sort((a, b) => b.score - a.score);
    const seen = new Set<string>();
    return order.flatMap((item) => {
      const tree = treeOf(item.draft);
      const key = canonical(tree);
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ ...item, tree }];
    });
  }

  /** What is known of each reading of a field; `found` is best first. */
  private evidence(input: BeamInput, found: readonly { score: number }[]): (features: Float32Array) => Evidence {
    const names = this.models.ranker.featureNames;
    const scores = found.map((item) => item.score);
    const fits = this.answerable.predict(writeAnswerable(new RowWriter(), input))[1]!;
    const doubt = (fits < LEAST_ANSWERABLE ? fits * 0.5 : 1) * strangeCut(input.mentions);
    const share = 1 / scores.reduce((sum, score) => sum + Math.exp(score - scores[0]!), 0);
    const field = writeConfidence(new RowWriter(), input, { scores, features: new Float32Array(names.length), names }).slice();
    return (features) => {
      const row = field.slice();
      row.set(features, WINNER_AT);
      return { row, share, doubt };
    };
  }

  private certainty({ row, doubt }: Evidence): number {
    return afterStrangeWords(calibrate(this.models.calibration, this.confidence.predict(row)[1]!) * doubt);
  }
}

/** "papers per year" asks for groups; the training questions say "each", and so have no opinion of it. */
const asksPerGroup = ({ question }: BeamInput): boolean =>
  question.tokens.some(
    ({ lower, index: at }) =>
      lower === 'per' &&
      [...question.columns, ...question.tables].some((link) => link.strength > 0.5 && link.from <= at + 2 && at < link.from),
  );

const perCost = (draft: Draft): number =>
  draft.clauses.group || !draft.show.entries.some((entry) => entry.kind === 'aggregate' || entry.kind === 'count') ? 0 : -3;

let shared: LearnedReader | null | undefined;

/** The reader over the shipped weights, laid out on first use; undefined where no weights are shipped. */
export const learnedReader = (): LearnedReader | undefined => {
  if (shared === undefined) {
    const models = loadWeights();
    shared = models ? new LearnedReader(models) : null;
  }
  return shared ?? undefined;
};
