/** "ratio of X to Y for each Z": two measures, or two columns of the same row, one divided by the other. */
import type { SchemaColumn, SchemaTable } from '../schema/types';
import type { Arithmetic, Condition, Expression } from '../tree';
import { allOf, canonical } from '../tree-walk';
import type { Mention } from './mentions';
import { countRows, countedTable } from './measures';
import { columnRef, type Reading } from './reading';

interface Side {
  expression: Expression;
  /** A column's own value, where rows rather than groups are asked for. */
  plain?: Expression;
  table: SchemaTable;
  tokens: number[];
}

/** Reads the ratio before anything else takes its words; its groups are read as usual. */
export function readRatio(reading: Reading): void {
  const cue = reading
    .cues('ratio')
    .concat(reading.cues('share'))
    .find((item) => /^(ratio|proportion|rate)$/.test(reading.word(item.from)));
  if (!cue || reading.mentions.some((mention) => mention.metric && mention.from <= cue.from && mention.to > cue.from)) return;
  const tokens = reading.question.tokens;
  const joint = tokens.findIndex(
    (token, i) =>
      i > cue.to &&
      (token.lower === 'to' ||
        token.lower === 'versus' ||
        token.lower === 'vs' ||
        token.lower === 'over' ||
        (token.lower === 'per' && !tokens.some((later, k) => k > cue.to && later.lower === 'to')) ||
        (token.lower === 'out' && tokens[i + 1]?.lower === 'of')),
  );
  if (joint < 0) return;
  let end = tokens.findIndex(
    (token, i) =>
      i > joint + 1 &&
      (/^(for|per|by|each|across|within|vary|differ|change)$/.test(token.lower) ||
        (token.lower === 'in' && /^(each|every|the|all|different)$/.test(tokens[i + 1]?.lower ?? ''))),
  );
  if (end < 0) end = tokens.length;
  const left = readSide(reading, cue.to, joint);
  const right = readSide(reading, joint + 1, end);
  // Both sides read alike: what tells them apart was not understood.
  if (!left || !right || canonical(left.expression) === canonical(right.expression)) return;
  reading.use(cue, { from: joint, to: joint + 1 });
  const ratio = (a: Expression, b: Expression): Arithmetic => ({ kind: 'arithmetic', operator: '/', left: a, right: b, metric: 'ratio' });
  const used = [...left.tokens, ...right.tokens];
  const perRow = left.plain && right.plain && left.table === right.table && namesRow(reading, left.table, end);
  if (perRow) reading.rowRatio = { expression: ratio(left.plain!, right.plain!), tokens: used, table: left.table };
  else reading.measures.push({ expression: ratio(left.expression, right.expression), tokens: used, better: 'up', home: left.table });
}

/** "for each course", "for each fare id": every row has its own ratio. */
function namesRow(reading: Reading, table: SchemaTable, from: number): boolean {
  const behind = reading.mentions.filter((mention) => mention.from >= from);
  return behind.some(
    (mention) =>
      mention.tables[0]?.table === table ||
      mention.columns.some((link) => link.column.table === table && (link.column.isUnique || link.column.isKey) && link.strength > 0.8),
  );
}

function readSide(reading: Reading, from: number, to: number): Side | undefined {
  const inside = reading.mentions.filter((mention) => mention.from >= from && mention.to <= to && reading.free(mention));
  const value = inside.find((mention) => (mention.values[0]?.strength ?? 0) > 0.6);
  const flag = inside.flatMap((mention) =>
    mention.columns
      .filter((link) => link.column.type === 'boolean' && link.strength > 0.45)
      .map((link) => ({ mention, column: link.column })),
  )[0];
  const table = inside.find((mention) => (mention.tables[0]?.strength ?? 0) > 0.7 || countedMention(reading, mention));
  const number = inside.flatMap((mention) =>
    mention.columns
      .filter((link) => link.column.isNumeric && !link.column.isId && link.strength > 0.5)
      .map((link) => ({ mention, column: link.column, strength: link.strength })),
  )[0];
  const counts = reading.cues('count').some((cue) => cue.from >= from && cue.to <= to);
  const conditions = conditionsIn(reading, inside, number?.column);
  const bounded = conditions.some(
    (item) => item.kind === 'compare' && item.left.kind === 'column' && item.left.column === number?.column.name,
  );
  if (number && !counts && !(bounded && table) && !(table && table === number.mention && table.tables[0]!.strength > number.strength)) {
    const of = columnRef(reading, number.column);
    const tokens = reading.use(...inside, ...cuesIn(reading, from, to));
    const where = allOf(conditions);
    return {
      expression: { kind: 'aggregate', fn: 'sum', of, ...(where ? { where } : {}) },
      ...(where ? {} : { plain: of }),
      table: number.column.table,
      tokens,
    };
  }
  const home =
    table?.tables[0]?.table ?? (table ? countedTable(reading, table) : undefined) ?? flag?.column.table ?? value?.values[0]?.column.table;
  if (!home) return undefined;
  const counted = countRows(reading, home, []).expression;
  if (flag)
    conditions.push({
      kind: 'compare',
      operator: '=',
      left: columnRef(reading, flag.column),
      right: { kind: 'literal', value: true, type: 'boolean' },
    });
  const where = allOf(conditions);
  const tokens = reading.use(...inside, ...cuesIn(reading, from, to));
  return { expression: where && counted.kind === 'aggregate' ? { ...counted, where } : counted, table: home, tokens };
}

/** Values, and numbers beside a column, that narrow one side only. */
function conditionsIn(reading: Reading, inside: readonly Mention[], column: SchemaColumn | undefined): Condition[] {
  return inside.flatMap((mention): Condition[] => {
    const value = mention.values[0];
    if (value && value.strength > 0.6) {
      const negated =
        /^(non|not)$/.test(reading.word(mention.from - 1)) ||
        (reading.word(mention.from - 1) === '-' && reading.word(mention.from - 2) === 'non');
      return [
        {
          kind: 'compare',
          operator: negated ? '!=' : '=',
          left: columnRef(reading, value.column),
          right: { kind: 'literal', value: value.value, type: typeof value.value === 'number' ? 'number' : 'text' },
        },
      ];
    }
    const { number } = mention;
    if (number && column && number.role !== 'top')
      return [
        {
          kind: 'compare',
          operator: number.operator ?? '=',
          left: columnRef(reading, column),
          right: { kind: 'literal', value: number.value, type: 'number' },
        },
      ];
    return [];
  });
}

const countedMention = (reading: Reading, mention: Mention): boolean =>
  mention.metric !== undefined && countedTable(reading, mention) !== undefined;
const cuesIn = (reading: Reading, from: number, to: number): { from: number; to: number }[] =>
  reading.question.cues.filter((cue) => (cue.cue === 'count' || cue.cue === 'aggregate') && cue.from >= from && cue.to <= to);
