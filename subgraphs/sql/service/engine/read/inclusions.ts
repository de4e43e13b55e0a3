/** "revenue excluding cancelled orders", "including cancelled orders": a metric of rows beside another names rows, not one more number. */
import { resolveMetric } from '../../semantic-model/expression/resolve';
import type { Condition, Expression } from '../tree';
import { allOf, canonical, conjuncts } from '../tree-walk';
import type { Mention } from './mentions';
import type { Reading } from './reading';

const excluding = /^(excluding|except|without|exclude|excludes|minus)$/;
const including = /^(including|include|includes|incl)$/;

/** Call before measures are read: the words are taken, and what they mean is applied by `applyInclusions`. */
export function readInclusions(reading: Reading): void {
  const measured = reading.mentions.findIndex((mention) => mention.metric);
  for (const mention of reading.mentions.slice(measured + 1)) {
    const word = reading.word(mention.from - 1);
    const isOut = excluding.test(word);
    if (measured < 0 || !mention.metric || !(isOut || including.test(word))) continue;
    const where = rowsOf(reading, mention);
    if (!where) continue;
    reading.inclusions.push({ where, isOut });
    reading.use({ from: mention.from - 1, to: mention.to });
  }
}

/** Call when measures are read. */
export function applyInclusions(reading: Reading): void {
  for (const { where, isOut } of reading.inclusions) {
    const opposite = opposed(where);
    if (!opposite) {
      reading.unanswered += 1;
      continue;
    }
    reading.measures = reading.measures.map((item) => ({
      ...item,
      expression: aggregatesIn(item.expression, (own) => {
        const kept = own.filter((condition) => canonical(condition) !== canonical(opposite) && canonical(condition) !== canonical(where));
        return isOut ? [...kept, opposite] : kept;
      }),
    }));
  }
}

/** The conditions of a metric that counts rows. */
function rowsOf(reading: Reading, mention: Mention): Condition | undefined {
  const { catalog, model } = reading.schema;
  const expression = resolveMetric(mention.metric!.metric, { catalog, model });
  return expression.kind === 'aggregate' && expression.fn === 'count' && !expression.distinct ? expression.where : undefined;
}

function opposed(condition: Condition): Condition | undefined {
  if (condition.kind !== 'compare' || (condition.operator !== '=' && condition.operator !== '!=')) return undefined;
  return { ...condition, operator: condition.operator === '=' ? '!=' : '=' };
}

function aggregatesIn(expression: Expression, change: (own: readonly Condition[]) => readonly Condition[]): Expression {
  if (expression.kind === 'arithmetic')
    return { ...expression, left: aggregatesIn(expression.left, change), right: aggregatesIn(expression.right, change) };
  if (expression.kind !== 'aggregate') return expression;
  const { where: _where, ...rest } = expression;
  const where = allOf([...change(conjuncts(expression.where))]);
  return { ...rest, ...(where ? { where } : {}) };
}
