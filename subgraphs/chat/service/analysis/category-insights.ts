import { formatNumber, formatPercent } from './format';
import { robustScores, sum } from './statistics';
import type { Insight } from './types';

export interface CategoryValues {
  /** What is measured. */
  readonly name: string;
  /** What it is split by. */
  readonly by: string;
  readonly parts: readonly { readonly label: string; readonly value: number }[];
  /** True where adding the parts means something: sums and counts, not averages. */
  readonly additive: boolean;
  /** True where these are not all the parts, so shares of the whole are unknown. */
  readonly partial: boolean;
}

type Found = Omit<Insight, 'sql'>;

/** What stands out among categories: the largest, how concentrated the whole is, and odd ones. */
export function categoryInsights(values: CategoryValues): readonly Found[] {
  return [contributors(values), concentration(values), ...oddOnes(values)].filter((found) => found !== null);
}

function contributors({ name, by, parts, additive, partial }: CategoryValues): Found | null {
  if (parts.length < 2) return null;
  const sorted = [...parts].sort((a, b) => b.value - a.value);
  const [first, last] = [sorted[0]!, sorted.at(-1)!];
  const total = sum(parts.map(({ value }) => value));
  const share = additive && !partial && total > 0 && last.value >= 0 ? first.value / total : null;
  const lead = share === null ? '' : `, ${formatPercent(share)} of ${formatNumber(total)}`;
  return {
    kind: 'contributor',
    text: `${first.label} has the highest ${name} by ${by}: ${formatNumber(first.value)}${lead}; ${last.label} has the lowest${partial ? ' of those shown' : ''}: ${formatNumber(last.value)}.`,
    importance: 0.55 + (share ?? 0) / 4,
    evidence: { top: sorted.slice(0, 5), lowest: last, total: additive && !partial ? total : null, share },
  };
}

/** Herfindahl–Hirschman index, and the fewest parts that make 80 % of the whole. */
function concentration({ name, by, parts, additive, partial }: CategoryValues): Found | null {
  const total = sum(parts.map(({ value }) => value));
  if (!additive || partial || parts.length < 5 || total <= 0 || parts.some(({ value }) => value < 0)) return null;
  const shares = parts.map(({ value }) => value / total).sort((a, b) => b - a);
  const index = sum(shares.map((share) => share * share));
  let covered = 0;
  const needed = shares.findIndex((share) => (covered += share) >= 0.8 - 1e-9) + 1;
  const isConcentrated = needed / parts.length <= 0.4;
  if (!isConcentrated && index < 0.25) return null;
  return {
    kind: 'concentration',
    text: `${name} is concentrated: ${needed} of ${parts.length} values of ${by} make ${formatPercent(sum(shares.slice(0, needed)))} of it.`,
    importance: 0.5 + (1 - needed / parts.length) / 4,
    evidence: { herfindahl: index, parts: parts.length, forEightyPercent: needed },
  };
}

function oddOnes({ name, by, parts }: CategoryValues): readonly Found[] {
  if (parts.length < 8) return [];
  const scores = robustScores(parts.map(({ value }) => value));
  return parts
    .map((part, i) => ({ part, score: scores[i]! }))
    .filter(({ score }) => Math.abs(score) > 6)
    .sort((a, b) => Math.abs(b.score) - Math.abs(a.score))
    .slice(0, 2)
    .map(({ part, score }) => ({
      kind: 'outlier' as const,
      text: `${part.label} is unlike the other values of ${by}: its ${name} is ${formatNumber(part.value)}.`,
      importance: 0.5,
      evidence: { label: part.label, value: part.value, score },
    }));
}
