/** The rival readings of a question, best first. */
import { contentTokens, unusedTokens } from '../explain/unused';
import type { LinkedQuestion } from '../link/types';
import type { QueryTree } from '../tree';
import { canonical } from '../tree-walk';
import { readBusiness } from './assemble';

export interface RankedReading {
  tree: QueryTree;
  confidence: number;
  used: ReadonlySet<number>;
  warnings: string[];
}

/** The open-domain reader: candidates ranked by learned weights. */
export interface Reader {
  read(question: LinkedQuestion): RankedReading[];
}

export function readQuestion(question: LinkedQuestion, reader: Reader | undefined): RankedReading[] {
  const business = readBusiness(question);
  const own: RankedReading[] = business && isMeaningful(business.tree) ? [{ tree: business.tree, used: business.used, confidence: coverage(question, business.used), warnings: [] }] : [];
  const open = reader?.read(question) ?? [];
  const all = [...own, ...open].sort((a, b) => b.confidence - a.confidence);
  return all.filter((item, i) => all.findIndex((other) => canonical(other.tree) === canonical(item.tree)) === i);
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
