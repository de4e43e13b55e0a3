/** A tree in words, clause by clause, each with the words of the question that it came from. */
import { groupKeys, isAggregating } from '../render/group';
import type { Token } from '../text/types';
import type { QueryTree, Sourced } from '../tree';
import { conjuncts, hasAggregate } from '../tree-walk';
import type { Interpretation } from '../types';
import { say, sayCondition, spoken } from './phrases';

interface Clause extends Interpretation {
  tokens: readonly number[];
}

export function explainTree(
  tree: QueryTree,
  tokens: readonly Token[],
  text: string,
): { explanation: string; interpretation: Interpretation[] } {
  const clauses: Clause[] = [];
  const add = (clause: string, source: Sourced) =>
    clauses.push({ clause, words: wordsOf(source.tokens ?? [], tokens, text), tokens: source.tokens ?? [] });
  for (const item of tree.show) add(`${hasAggregate(item.expression) ? 'measure' : 'show'}: ${say(item.expression)}`, item);
  for (const condition of conjuncts(tree.where)) add(`only: ${sayCondition(condition)}`, condition);
  for (const condition of conjuncts(tree.having)) add(`keep groups: ${sayCondition(condition)}`, condition);
  for (const item of spokenOrder(tree))
    add(`order: ${say(item.expression)} ${item.direction === 'desc' ? 'descending' : 'ascending'}`, item);
  return { explanation: sentence(tree), interpretation: clauses.map(({ words, clause }) => ({ words, clause })) };
}

function wordsOf(indexes: readonly number[], tokens: readonly Token[], text: string): string {
  const sorted = [...new Set(indexes)].sort((a, b) => a - b);
  const parts: string[] = [];
  let start = -1;
  for (let i = 0; i < sorted.length; i += 1) {
    if (start < 0) start = sorted[i]!;
    if (sorted[i + 1] !== sorted[i]! + 1) {
      const [first, last] = [tokens[start], tokens[sorted[i]!]];
      if (first && last) parts.push(text.slice(first.start, last.end));
      start = -1;
    }
  }
  return parts.join(' … ');
}

/** A time axis runs forward without being told so. */
const spokenOrder = (tree: QueryTree): QueryTree['sort'] =>
  tree.limit === undefined && !tree.topPer
    ? tree.sort.filter((item) => item.direction === 'desc' || (item.expression.kind !== 'bucket' && item.expression.kind !== 'part'))
    : tree.sort;

export function sentence(tree: QueryTree): string {
  const aggregating = isAggregating(tree);
  const shown = tree.show.filter((item) => !aggregating || hasAggregate(item.expression) || item.expression.kind === 'window');
  const keys = aggregating ? groupKeys(tree).filter((key) => !(tree.per ?? []).includes(key)) : [];
  const from = !aggregating && tree.root ? ` of ${spoken(tree.root)}` : '';
  let text = `${tree.distinct ? 'Different ' : ''}${(shown.length > 0 ? shown : tree.show).map((item) => say(item.expression)).join(', ')}${from}`;
  if (keys.length > 0) text += ` for each ${keys.map(say).join(' and ')}`;
  if (tree.where) text += `, where ${sayCondition(tree.where)}`;
  if (tree.having) text += `, keeping groups where ${sayCondition(tree.having)}`;
  if (tree.topPer) text += `, the first ${tree.topPer.count} of each ${tree.topPer.by.map(say).join(' and ')}`;
  const sort = spokenOrder(tree);
  if (sort.length > 0)
    text += `, ordered by ${sort.map((item) => `${say(item.expression)} ${item.direction === 'desc' ? 'descending' : 'ascending'}`).join(', ')}`;
  if (tree.limit !== undefined) text += `, the first ${tree.limit === 1 ? 'one' : tree.limit}`;
  if (tree.set)
    text += `, ${{ intersect: 'that are also among', except: 'that are not among', union: 'together with' }[tree.set.operator]}: ${sentence(tree.set.right)}`;
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
