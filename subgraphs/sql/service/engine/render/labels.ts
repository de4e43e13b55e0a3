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
        `${{ count: 'count', sum: 'total', avg: 'average', min: 'minimum', max: 'maximum', median: 'median', stddev: 'deviation' }[expression.fn]}_${inner}`,
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
        `${{ previous: 'previous', growth: 'growth_of', change: 'change_of', running: 'running', share: 'share_of', rank: 'rank_of' }[expression.fn]}_${labelOf(expression.of) ?? 'value'}`,
      );
    case 'scalar':
    case 'case':
      return 'value';
  }
}

const snake = (name: string): string =>
  name
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase();
