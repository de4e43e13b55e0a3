import type { ChangePart } from './decomposition';
import type { ExplainedChange, ExplainedDimension } from './explain-change';
import { formatNumber, formatPercent, signed, signedPercent } from './format';
import type { RatioPart } from './ratio-decomposition';
import type { Insight } from './types';

const mostTold = 3;

/** The change as statements with their parts and the SQL of each part. */
export function changeInsights(
  explained: ExplainedChange,
  { expectedDown = null }: { readonly expectedDown?: boolean | null } = {},
): readonly Insight[] {
  const { metric, before, after, change } = explained;
  const relative = before.value === 0 ? null : change / Math.abs(before.value);
  const moved =
    change === 0
      ? `${metric} did not change: ${formatNumber(before.value)} in ${before.period.words} and in ${after.period.words}.`
      : `${correction(change, expectedDown)}${metric} went from ${formatNumber(before.value)} in ${before.period.words} to ${formatNumber(after.value)} in ${after.period.words} (${signed(change)}${relative === null ? '' : `, ${signedPercent(relative)}`}).`;
  const headline: Insight = {
    kind: 'change',
    text: moved,
    importance: 1,
    evidence: { before: before.value, after: after.value, change, relativeChange: relative },
    sql: [before.sql, after.sql],
  };
  return [headline, ...explained.dimensions.map(partsInsight)];
}

function partsInsight(dimension: ExplainedDimension, place: number): Insight {
  const { parts, change } = dimension;
  const told = parts
    .slice(0, mostTold)
    .filter((part) => part.change !== 0)
    .map((part: ChangePart | RatioPart) => {
      const share = part.share === null ? [] : [`${formatPercent(part.share)} of the change`];
      // Of a ratio: whether the value itself moved, or only its weight in the whole.
      const why = 'mix' in part ? [`own value ${signed(part.rate)}, weight ${signed(part.mix)}`] : [];
      const more = [...share, ...why].join('; ');
      return `${part.label} ${signed(part.change)}${more ? ` (${more})` : ''}`;
    })
    .join(', ');
  return {
    kind: 'decomposition',
    text: `By ${dimension.dimension}: ${told || 'no part changed'}; all ${parts.length} parts add up to ${signed(change)}.`,
    importance: 0.95 - place * 0.05,
    evidence: {
      dimension: dimension.dimension,
      before: dimension.before,
      after: dimension.after,
      change,
      explains: dimension.explains,
      parts,
    },
    sql: dimension.sql,
  };
}

/** A question may assume what the data deny. */
function correction(change: number, expectedDown: boolean | null): string {
  if (expectedDown === null || change === 0 || expectedDown === change < 0) return '';
  return expectedDown ? 'It did not fall: ' : 'It did not rise: ';
}
