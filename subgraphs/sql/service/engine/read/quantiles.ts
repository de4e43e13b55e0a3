/** "median order value", "95th percentile of delay", "p90 of revenue": the value that a part of all values stay below. */
import { resolveMetric } from '../../semantic-model/expression/resolve';
import { homeOf } from '../render/safe';
import type { SchemaTable } from '../schema/types';
import { stem } from '../text/stem';
import { splitName } from '../text/names';
import type { Arithmetic, QueryTree, Scalar } from '../tree';
import { allOf } from '../tree-walk';
import { nearestTime } from './measures';
import type { Reading } from './reading';

/**
 * "median order value" where "average order value" is a metric, revenue divided by orders: the revenue of each order, and the median of
 * those. Call before other measures are read.
 */
export function readQuantilesOfRatios(reading: Reading): void {
  for (const cue of [...reading.cues('aggregate', 'median'), ...reading.cues('aggregate', 'quantile')]) {
    const at = reading.word(cue.to) === 'of' ? cue.to + 1 : cue.to;
    const named = averageNamed(reading, at);
    const query = named && eachOf(reading, named.ratio);
    if (!named || !query) continue;
    const fraction = reading.quantiles.find((link) => link.from === cue.from)?.fraction ?? 0.5;
    const expression: Scalar = { kind: 'scalar', query: query.tree, perGroup: 'quantile', fraction };
    reading.measures.push({
      expression,
      tokens: reading.use(cue, { from: at, to: named.to }),
      better: 'up',
      home: query.home,
      ...(query.time ? { time: query.time } : {}),
      label: `${fraction === 0.5 ? 'median' : `percentile_${Math.round(fraction * 100)}`}_${named.name}`,
    });
  }
}

/** What restricts the question restricts the rows that the quantile is taken of; it is one number, and is not split. */
export function settleQuantiles(reading: Reading): void {
  const [only] = reading.measures;
  if (only?.expression.kind !== 'scalar') return;
  const scalar = only.expression;
  const where = allOf(reading.conditions);
  reading.measures = [{ ...only, expression: { ...scalar, query: { ...scalar.query, ...(where ? { where } : {}) } } }];
  reading.conditions = [];
  if (reading.groups.length > 0) reading.unanswered += 1;
}

/** A metric called "average …" whose other words stand at a token. */
function averageNamed(reading: Reading, at: number): { ratio: Arithmetic; to: number; name: string } | undefined {
  const { model, catalog } = reading.schema;
  const found = model.metrics.flatMap((metric) =>
    [metric.name, metric.label ?? '', ...(metric.synonyms ?? [])].flatMap((name) => {
      const [first, ...rest] = splitName(name);
      if (!/^(average|avg|mean)$/.test(first ?? '') || rest.length === 0) return [];
      const stands = rest.every((word, k) => reading.question.tokens[at + k]?.stem === stem(word));
      return stands ? [{ metric: metric.name, name: rest.join('_'), to: at + rest.length }] : [];
    }),
  );
  const best = found.sort((a, b) => b.to - a.to)[0];
  const ratio = best && resolveMetric(best.metric, { catalog, model });
  return best && ratio?.kind === 'arithmetic' && ratio.operator === '/' ? { ratio, to: best.to, name: best.name } : undefined;
}

/** What is added up, for each of the rows that it is divided by; undefined where it is divided by something else. */
function eachOf(
  reading: Reading,
  { left, right }: Arithmetic,
): { tree: QueryTree; home: SchemaTable; time: ReturnType<typeof nearestTime> } | undefined {
  const counted = right.kind === 'aggregate' && right.fn === 'count' && !right.distinct ? right.rows : undefined;
  const table = counted === undefined ? undefined : reading.schema.tableByName.get(counted.toLowerCase());
  const home = left.kind === 'aggregate' ? homeOf(reading.schema, left) : undefined;
  const [key, ...more] = table?.primaryKey ?? [];
  if (!table || !home || home === table || !key || more.length > 0 || reading.distance(table, home) === Infinity) return undefined;
  return {
    tree: {
      show: [{ expression: { kind: 'column', table: table.name, column: key.name } }, { expression: left }],
      sort: [],
      distinct: false,
      through: [],
      fanOut: 'safe',
    },
    home,
    time: nearestTime(reading, table),
  };
}
