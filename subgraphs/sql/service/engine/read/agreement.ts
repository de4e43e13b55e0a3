/** How far a tree can be believed beyond the words it explains: what was said must be found back in it, and another reader read it alike. */
import { unusedTokens } from '../explain/unused';
import type { LinkedQuestion } from '../link/types';
import type { QueryTree } from '../tree';
import { canonical, conjuncts } from '../tree-walk';

/** Words that ask for nothing of their own. */
const harmless =
  /^(anything|anyone|something|ever|actually|really|currently|please|exactly|today|company|business|breakdown|report|overview|split|list|chart|graph|table|compare|comparison|people|ones?|quickly|own)$/;
/** What is left of the confidence where a word that may change the answer is set aside. */
const UNKNOWN_WORD = 0.6;
const LOST_NUMBER = 0.28;
/** "Time between orders", "days until delivery", "correlation": no query is written for these, though each of their words may be a name. */
const spans =
  /\b(?:average|mean|median|longest|shortest|maximum|minimum|typical) (?:number of )?(?:time|days?|hours?|weeks?|months?|gap|interval) (?:between|until|till|to|from|since)\b|\b(?:time|gap|interval) between\b|\bhow long\b|\bcorrelat|\bregression\b/i;
/** The readers are built alike in nothing: where they differ in every part, the reading is this much less sure. */
const DISAGREED = 0.85;

export function believed(question: LinkedQuestion, { tree, used }: { tree: QueryTree; used: ReadonlySet<number> }): number {
  const unknown = unusedTokens(question.tokens, used).filter((token) => !harmless.test(token.lower));
  const lost = lostNumbers(question, tree) + (spans.test(question.text) ? 1 : 0);
  return (unknown.length > 0 ? UNKNOWN_WORD : 1) * Math.pow(LOST_NUMBER, lost);
}

/** Numbers of the question that are nowhere in the tree: not as a bound, a limit, a count or a year. */
function lostNumbers(question: LinkedQuestion, tree: QueryTree): number {
  const known = new Set<number>();
  const collect = (node: unknown, key = ''): void => {
    if (key === 'tokens' || key === 'logp') return;
    if (typeof node === 'number') known.add(node);
    else if (typeof node === 'string') for (const part of node.match(/\d+(\.\d+)?/g) ?? []) known.add(Number(part));
    else if (Array.isArray(node)) node.forEach((item) => collect(item));
    else if (node && typeof node === 'object') for (const [name, value] of Object.entries(node)) collect(value, name);
  };
  collect(tree);
  const covered = (index: number): boolean => [...question.times, ...question.values].some((link) => link.from <= index && link.to > index);
  // The best tenth is not the best ten.
  const asLimit = (link: { to: number; value: number }): boolean =>
    tree.limit === link.value && /^(%|percent)$/.test(question.tokens[link.to]?.lower ?? '');
  const isKnown = (value: number): boolean => known.has(value) || known.has(value / 100) || known.has(value + 1);
  return question.numbers.filter(
    (link) => question.tokens[link.from]!.kind === 'number' && (asLimit(link) || (!covered(link.from) && !isKnown(link.value))),
  ).length;
}

/** 1 where the other reader read the same, less the fewer parts both have. */
export function agreement(own: QueryTree, other: QueryTree | undefined): number {
  if (!other) return 1;
  const [a, b] = [partsOf(own), partsOf(other)];
  const both = [...a].filter((part) => b.has(part)).length;
  return DISAGREED + (1 - DISAGREED) * (both / new Set([...a, ...b]).size);
}

const partsOf = (tree: QueryTree): Set<string> =>
  new Set([
    ...tree.show.map((item) => `show ${canonical(item.expression)}`),
    ...conjuncts(tree.where).map((condition) => `where ${canonical(condition)}`),
    ...conjuncts(tree.having).map((condition) => `having ${canonical(condition)}`),
    ...tree.sort.map((item) => `sort ${canonical(item.expression)} ${item.direction}`),
    ...(tree.limit === undefined ? [] : [`limit ${tree.limit}`]),
  ]);
