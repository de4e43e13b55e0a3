/** Words of a follow-up that speak of the last query: what its rows belong to, its measure, its series. */
import type { LinkedQuestion } from '../link/types';
import { negatedAt } from '../read/filters';
import { countedTable } from '../read/measures';
import type { Mention } from '../read/mentions';
import { columnRef, type Reading } from '../read/reading';
import { multiplies, factTables } from '../render/safe';
import type { SchemaTable } from '../schema/types';
import type { Aggregate, ColumnRef, Expression, QueryTree } from '../tree';
import { aggregatesIn, columnsIn, hasAggregate, walkQuery } from '../tree-walk';

/** "median" is no misspelled town. */
export function withoutGuessedValues(question: LinkedQuestion): LinkedQuestion {
  const cues = question.cues.filter((cue) => cue.cue === 'aggregate');
  const values = question.values.filter(
    (value) => !(value.match === 'typo' || value.match === 'unknown') || !cues.some((cue) => cue.from < value.to && value.from < cue.to),
  );
  return { ...question, values };
}

/** "without returns": rows that have none are kept; "only online orders": a noun behind its value names no new measure. */
export function readNouns(reading: Reading, tree: QueryTree): void {
  for (const mention of reading.mentions) {
    const table = countedTable(reading, mention) ?? ((mention.tables[0]?.strength ?? 0) > 0.7 ? mention.tables[0]!.table : undefined);
    if (!table || !reading.free(mention) || mention.number) continue;
    const [fact] = factTables(reading.schema, tree);
    const own = fact && ownerOf(reading, { fact, table, tree });
    if (own && negatedAt(reading, mention.from)) {
      const tokens = reading.use(mention);
      reading.conditions.push({ kind: 'has', of: own.name, table: table.name, negated: true, tokens });
    } else if (fact && followsValue(reading, mention) && (fact === table || !multiplies(reading.schema, fact, table))) reading.use(mention);
  }
}

/** Of what is added up and what that belongs to, the table that may have many of these; the one that dates the measure first. */
function ownerOf(reading: Reading, { fact, table, tree }: { fact: SchemaTable; table: SchemaTable; tree: QueryTree }) {
  const dated = timeOf(reading, tree, fact)?.table.toLowerCase();
  const parents = reading.schema.edges.flatMap((edge) => (edge.from[0]!.table === table ? [edge.to[0]!.table] : []));
  const near = parents.filter((parent) => parent === fact || !multiplies(reading.schema, fact, parent));
  return near.find((parent) => parent.name.toLowerCase() === dated) ?? near[0];
}

const followsValue = (reading: Reading, mention: Mention): boolean =>
  reading.mentions.some((item) => item.to === mention.from && (item.values[0]?.strength ?? 0) > 0.6);

/** The moment that the last query's periods refer to. */
export function timeOf(reading: Reading, tree: QueryTree, fact?: SchemaTable): ColumnRef | undefined {
  let said: ColumnRef | undefined;
  walkQuery(tree, {
    condition: (part) => part.kind === 'time' && part.of.kind === 'column' && (said ??= part.of),
    expression: (part) => part.kind === 'bucket' && part.of.kind === 'column' && (said ??= part.of),
  });
  const names = tree.show.flatMap(({ expression }) => ('metric' in expression && expression.metric ? [expression.metric] : []));
  const [table, column] = reading.schema.model.metrics.find((metric) => names.includes(metric.name))?.time?.split('.') ?? [];
  const found = reading.schema.tableByName.get(table?.toLowerCase() ?? '');
  const dated = found?.columns.find((item) => item.name.toLowerCase() === column?.toLowerCase());
  return said ?? (dated && columnRef(reading, dated)) ?? (fact?.time && columnRef(reading, fact.time));
}

/** "what about the median?": the same column, taken otherwise. */
export function readOtherFunction(reading: Reading, tree: QueryTree): Expression | undefined {
  const [cue, ...more] = reading.cues('aggregate').filter((item) => !reading.used.has(item.from));
  const shown = tree.show.map((item) => item.expression).filter(hasAggregate);
  const only = shown[0];
  if (!cue || more.length > 0 || shown.length !== 1 || only?.kind !== 'aggregate' || !only.of || reading.measures.length > 0)
    return undefined;
  if (cue.detail === only.fn || reading.has('share') || reading.has('shareOfTotal')) return undefined;
  if (reading.mentions.some((mention) => mention.from >= cue.to && reading.free(mention))) return undefined;
  reading.use(cue);
  const { metric: _metric, distinct: _distinct, ...rest } = only;
  return { ...rest, fn: cue.detail as Aggregate['fn'] };
}

/** "which month was the best?", "which one is worst?": of the groups just shown, the one on top. */
export function asksWhich(reading: Reading, tree: QueryTree): boolean {
  const match =
    /^(?:and |so |but )?(?:which|what) (?:of (?:them|those|these) )?(\w+) (?:is|was|are|were|had|has|did|do|does|sells?|sold)\b/.exec(
      reading.question.text.toLowerCase().trim(),
    );
  const noun = match?.[1] ?? '';
  const groups = tree.show.map((item) => item.expression).filter((expression) => !hasAggregate(expression));
  const named = groups.some((group) =>
    group.kind === 'bucket'
      ? group.grain === noun
      : columnsIn(group).some(({ table, column }) => column.toLowerCase() === noun || table.toLowerCase().replace(/s$/, '') === noun),
  );
  if (!/^ones?$/.test(noun) && !named) return false;
  reading.question.tokens.forEach((token, i) => token.lower === noun && reading.use({ from: i, to: i + 1 }));
  return true;
}

/** More is worse: of delays, costs and what the model calls better when it goes down. */
export function isBad(reading: Reading, expression: Expression): boolean {
  const metric = 'metric' in expression ? expression.metric : undefined;
  const definition = reading.schema.model.metrics.find((item) => item.name === metric);
  if (definition) return definition.better === 'down';
  const names = aggregatesIn(expression).flatMap((item) => [
    item.rows ?? '',
    ...(item.of ? columnsIn(item.of).map(({ column }) => column) : []),
  ]);
  return /delay|late|cost|loss|error|complaint|refund|return|defect|churn|cancel|wait/i.test(names.join(' '));
}
