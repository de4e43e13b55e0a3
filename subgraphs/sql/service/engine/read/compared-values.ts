/** "revenue in Europe vs North America": values that are set against each other are shown side by side. */
import type { Reading } from './reading';

/** Call when conditions are read. */
export function compareValues(reading: Reading): void {
  if (reading.measures.length === 0) return;
  for (const condition of reading.conditions) {
    if (condition.kind !== 'in' || condition.negated || condition.of.kind !== 'column' || !condition.tokens) continue;
    const [first, last] = [Math.min(...condition.tokens), Math.max(...condition.tokens)];
    const versus = reading.question.tokens.find(({ lower, index }) => index > first && index < last && /^(vs|versus|against)$/.test(lower));
    const compared = versus ?? (reading.has('compare') ? reading.question.tokens[first] : undefined);
    if (!compared) continue;
    reading.use(...(versus ? [{ from: versus.index, to: versus.index + 1 }] : []), ...reading.cues('compare'));
    reading.groups.push({ expression: condition.of, tokens: [...condition.tokens], each: false });
    return;
  }
}
