/** "top 2 products by amount", "which town has the highest amount", "best salesperson" of one table: its values are ranked, not its rows. */
import type { CueLink } from '../link/types';
import type { Expression } from '../tree';
import { addDimension } from './groups';
import { mainMeasure, measureOf } from './main-measure';
import { nearestTime } from './measures';
import type { Mention } from './mentions';
import { columnRef, type Reading } from './reading';

/** Call where nothing is measured yet and no rows are asked for. */
export function readRankedDimension(reading: Reading): void {
  if (reading.entity || reading.measures.length > 0 || reading.schema.model.entities.length !== 1) return;
  // "by amount" has been taken for a group.
  const groups = reading.groups.filter(({ expression }) => !isMeasured(reading, expression));
  if (groups.length > 0) return;
  const cue = reading.cues('superlative')[0] ?? topNumber(reading);
  if (!cue) return;
  const subject = reading.mentions.find(isDimension);
  const table = subject?.columns[0]?.column.table;
  if (!subject || !table) return;
  const target = targetOf(reading, cue, subject);
  const definition = target && measureOf(reading, target.column);
  if (target && !definition) return;
  const main = target ? undefined : mainMeasure(reading, table);
  const expression: Expression | undefined = target
    ? { kind: 'aggregate', fn: definition!.aggregate ?? 'sum', of: columnRef(reading, target.column) }
    : main?.expression;
  reading.groups = [];
  if (!expression || !addDimension(reading, subject, { each: false })) return;
  const time = nearestTime(reading, table);
  const verb = reading.question.tokens.find(
    ({ lower, index }) => index === cue.from - 1 && /^(sold|sells?|earned|earns?|made|makes|has|have|bought)$/.test(lower),
  );
  reading.measures.push({
    expression,
    tokens: reading.use(...(target ? [target.mention] : []), ...(verb ? [{ from: verb.index, to: verb.index + 1 }] : [])),
    better: 'up',
    home: table,
    ...(time ? { time } : {}),
  });
  if (main) {
    reading.guesses += 1;
    reading.warnings.push(`Ranked by the ${main.name}, since the question does not say by what.`);
  }
}

const isMeasured = (reading: Reading, expression: Expression): boolean => {
  if (expression.kind !== 'column') return false;
  const table = reading.schema.tableByName.get(expression.table.toLowerCase());
  const column = table?.columns.find(({ name }) => name === expression.column);
  return column !== undefined && measureOf(reading, column) !== undefined;
};

const topNumber = (reading: Reading): Pick<CueLink, 'from' | 'to'> | undefined =>
  reading.question.numbers.find((number) => number.role === 'top');

const isDimension = ({ columns, tables, time, number, grain }: Mention): boolean => {
  const [link] = columns;
  return (
    link !== undefined &&
    !time &&
    !number &&
    !grain &&
    link.strength > Math.max(0.6, tables[0]?.strength ?? 0) &&
    link.column.isText &&
    !link.column.isUnique
  );
};

function targetOf(reading: Reading, cue: Pick<CueLink, 'from' | 'to'>, subject: Mention) {
  const by = reading.question.tokens.findIndex((token, i) => token.lower === 'by' && i > cue.from);
  const mention = reading.mentions.find(
    (item) =>
      item !== subject &&
      (by >= 0 ? item.from > by && item.from <= by + 2 : item.from >= cue.to && item.from <= cue.to + 2) &&
      item.columns.some(({ column }) => column.isNumeric && !column.isId),
  );
  const column = mention?.columns.find((link) => link.column.isNumeric && !link.column.isId)?.column;
  if (mention && by >= 0) reading.use({ from: by, to: by + 1 });
  return mention && column ? { mention, column } : undefined;
}
