import type { Expression } from '../tree';

/** A heading for what has no name of its own; undefined for a plain column, which keeps its name. */
export function labelOf(expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'column':
    case 'all':
      return undefined;
    case 'literal':
      return 'value';
    case 'aggregate': {
      if (expression.metric) return snake(expression.metric);
      if (!expression.of) return expression.rows ? snake(`${expression.rows}_count`) : 'count';
      const inner = expression.of.kind === 'column' ? expression.of.column : (labelOf(expression.of) ?? 'value');
      return snake(
        `${{ count: 'count', sum: 'total', avg: 'average', min: 'minimum', max: 'maximum', median: 'median', stddev: 'deviation', quantile: quantileName(expression.fraction) }[expression.fn]}_${inner}`,
      );
    }
    case 'arithmetic':
      return expression.metric
        ? snake(expression.metric)
        : expression.operator === '/'
          ? 'ratio'
          : expression.operator === '-'
            ? 'difference'
            : 'value';
    case 'bucket':
      return expression.grain;
    case 'part':
      return expression.part;
    case 'window':
      return snake(
        `${{ previous: 'previous', growth: 'growth_of', change: 'change_of', running: 'running', moving: expression.isTotal ? 'moving_total_of' : 'moving_average_of', share: 'share_of', rank: 'rank_of' }[expression.fn]}_${labelOf(expression.of) ?? 'value'}`,
      );
    case 'scalar':
    case 'case':
      return 'value';
  }
}

/** "percentile 95"; of a fraction between two whole percent all its digits. */
const quantileName = (fraction = 0.5): string => `percentile_${String(Math.round(fraction * 1e6) / 1e4)}`;

const snake = (name: string): string =>
  name
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase();
