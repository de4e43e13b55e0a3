/** The rival readings of a question, best first. */
import { contentTokens, unusedTokens } from '../explain/unused';
import type { Evidence } from '../learned/settled';
import type { LinkedQuestion } from '../link/types';
import type { QueryTree } from '../tree';
import { isDescribed } from '../schema/described';
import { canonical, walkQuery } from '../tree-walk';
import { agreement, believed } from './agreement';
import { readBusiness, type BusinessReading } from './assemble';

export interface RankedReading {
  tree: QueryTree;
  confidence: number;
  used: ReadonlySet<number>;
  /** The ranker's weight beside its best reading's, which is 1. */
  weight?: number;
  evidence?: Evidence;
  warnings: string[];
}

/** The open-domain reader: candidates ranked by learned weights. */
export interface Reader {
  read(question: LinkedQuestion): RankedReading[];
  /** Readings of an utterance that goes on from the last query; none where it stands for itself. */
  follow?(question: LinkedQuestion, last: QueryTree): RankedReading[];
}

export function readQuestion(question: LinkedQuestion, reader: Reader | undefined): RankedReading[] {
  const business = readBusiness(question);
  const own: RankedReading[] =
    business && isMeaningful(business.tree)
      ? [
          {
            tree: business.tree,
            used: business.used,
            confidence:
              coverage(question, business.used) *
              Math.pow(DOUBTED, business.doubts) *
              Math.pow(GUESSED, business.reading.guesses) *
              narrowed(question, business),
            warnings: [...business.warnings],
          },
        ]
      : [];
  const open = reader?.read(question) ?? [];
  const all = weigh(question, own, open).sort((a, b) => b.confidence - a.confidence);
  return all.filter((item, i) => all.findIndex((other) => canonical(other.tree) === canonical(item.tree)) === i);
}

const LEAST_COVERAGE = 0.5;
/** What is left of the confidence for each thing asked for that the query does not do. */
export const DOUBTED = 0.28;
/** What is left of it for each default taken where the question leaves something open. */
const GUESSED = 0.8;

/**
 * Where people have described the data, or the question speaks of periods, shares or growth, the business grammar reads better; on a bare
 * schema the learned reader does.
 */
function weigh(question: LinkedQuestion, own: readonly RankedReading[], open: readonly RankedReading[]): RankedReading[] {
  const described = isDescribed(question.schema.model);
  const sure = (item: RankedReading): number => (described ? believed(question, item) : 1);
  if (open.length === 0) return own.map((item) => ({ ...item, confidence: item.confidence * sure(item) }));
  return [
    ...own.map((item) => ({
      ...item,
      confidence: item.confidence * sure(item) * (described ? agreement(item.tree, open[0]?.tree) : speaksBusiness(item.tree) ? 0.8 : 0.35),
    })),
    // Where names are known, a reading that leaves most of the words aside is a guess, not an answer.
    ...open
      .filter((item) => !described || (coverage(question, item.used) >= LEAST_COVERAGE && keepsPeriods(question, item.tree)))
      .map((item) => ({ ...item, confidence: item.confidence * sure(item) * (described ? 0.7 : 1) })),
  ];
}

/** The learned reader takes "2025" for a number; where the data is described, a period said is a period kept. */
const keepsPeriods = (question: LinkedQuestion, tree: QueryTree): boolean => {
  let kept = question.times.length === 0;
  walkQuery(tree, { condition: (part) => part.kind === 'time' && (kept = true) });
  return kept;
};

/** Clauses that the learned reader does not write. */
export function speaksBusiness(tree: QueryTree): boolean {
  let found = tree.topPer !== undefined;
  walkQuery(tree, {
    expression: (part) =>
      (part.kind === 'bucket' || part.kind === 'window' || (part.kind === 'arithmetic' && part.operator === '/')) && (found = true),
    condition: (part) => part.kind === 'time' && part.phrase !== undefined && (found = true),
  });
  return found;
}

/** "repeat customers": a word that is not understood, right before what is asked for, narrows it; without it the answer is another. */
const NARROWED = 0.6;
function narrowed(question: LinkedQuestion, { used, reading }: BusinessReading): number {
  const rows = reading.mentions.filter((mention) => mention.tables.length > 0 && used.has(mention.from)).map(({ from }) => from);
  const starts = new Set([...(reading.entity?.tokens ?? []), ...reading.measures.flatMap((item) => item.tokens), ...rows]);
  const unknown = unusedTokens(question.tokens, used);
  return unknown.some((token) => starts.has(token.index + 1) && token.lower !== 'own') ? NARROWED : 1;
}

const isMeaningful = (tree: QueryTree): boolean => tree.show.length > 0;

/** How sure a reading is by what it explains: every content word left over costs. */
export function coverage(question: LinkedQuestion, used: ReadonlySet<number>): number {
  const content = contentTokens(question.tokens);
  const unused = unusedTokens(question.tokens, used);
  if (content.length === 0) return 0;
  if (unused.length === content.length) return 0;
  return Math.max(0.02, 0.93 * Math.pow(1 - unused.length / content.length, 1.6) * Math.pow(0.85, unused.length));
}
