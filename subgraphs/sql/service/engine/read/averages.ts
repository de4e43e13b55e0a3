/** "products with revenue above the average", "flights with a delay above average": a comparison with a scalar of the same thing. */
import type { QueryTree, Scalar } from '../tree';
import { entityGroup } from './groups';
import { columnRef, type Reading } from './reading';

export function readAverages(reading: Reading): void {
  for (const cue of reading.cues('average')) {
    if (reading.used.has(cue.from)) continue;
    const operator = cue.detail === 'above' ? '>' : '<';
    const measure = reading.measures.find((item) => item.tokens.every((token) => token < cue.from || token >= cue.to));
    if (measure && reading.entity) {
      const group = entityGroup(reading, reading.entity.table, { from: 0, to: 1 });
      const query: QueryTree = {
        show: [...(group ? [{ expression: group.expression }] : []), { expression: measure.expression }],
        ...(group?.key ? { per: group.key } : {}),
        sort: [],
        distinct: false,
        through: [],
        fanOut: 'safe',
      };
      const right: Scalar = { kind: 'scalar', query, perGroup: 'avg' };
      reading.having.push({ kind: 'compare', operator, left: measure.expression, right, tokens: reading.use(cue) });
      continue;
    }
    const near = reading.mentions
      .filter((mention) => mention.columns.some((link) => link.column.isNumeric && !link.column.isId))
      .sort((a, b) => Math.abs(a.from - cue.from) - Math.abs(b.from - cue.from))[0];
    const concept = reading.question.columns.find(
      (link) => link.match === 'concept' && link.column.isNumeric && link.from >= cue.from && link.to <= cue.to,
    );
    const column = near?.columns.find((link) => link.column.isNumeric && !link.column.isId)?.column ?? concept?.column;
    if (!column) continue;
    const of = columnRef(reading, column);
    const right: Scalar = {
      kind: 'scalar',
      query: { show: [{ expression: { kind: 'aggregate', fn: 'avg', of } }], sort: [], distinct: false, through: [], fanOut: 'plain' },
    };
    reading.conditions.push({ kind: 'compare', operator, left: of, right, tokens: reading.use(cue, ...(near ? [near] : [])) });
  }
}
