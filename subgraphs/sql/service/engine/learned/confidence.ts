/** How sure the first candidate is: features of the winner, of the field behind it, and of what the question leaves unlinked. */
import type { BeamInput } from './beam-types';
import { type RowWriter } from './role-features';

export interface Field {
  /** Ranker scores, best first. */
  readonly scores: readonly number[];
  readonly features: Float32Array;
  readonly names: readonly string[];
}

const SMALL_WORDS = 3;

const writeUnlinked = (write: RowWriter, { question, mentions }: BeamInput): void => {
  let content = 0;
  let linked = 0;
  let strong = 0;
  let capital = 0;
  let longest = 0;
  let run = 0;
  const cued = new Set(question.cues.flatMap((cue) => Array.from({ length: cue.to - cue.from }, (_, index) => cue.from + index)));
  for (const token of question.tokens) {
    if (token.stop || token.kind === 'punctuation' || (token.text.length < SMALL_WORDS && token.kind === 'word')) continue;
    if (cued.has(token.index)) continue;
    content += 1;
    const column = mentions.rivals[token.index]![0]?.strength ?? 0;
    const table = Math.max(
      0,
      ...question.tables.filter((link) => link.from <= token.index && token.index < link.to).map((link) => link.strength),
    );
    const value = Math.max(
      0,
      ...question.values
        .filter((link) => link.match !== 'unknown' && link.from <= token.index && token.index < link.to)
        .map((link) => link.strength),
    );
    const number = token.kind === 'number' ? 0.8 : 0;
    const best = Math.max(column, table, value, number);
    if (best > 0.35) linked += 1;
    if (best > 0.7) strong += 1;
    if (best <= 0.35) {
      run += 1;
      longest = Math.max(longest, run);
      if (token.capital) capital += 1;
    } else run = 0;
  }
  write.add('content', content);
  write.add('unlinked', content - linked);
  write.add('linkedShare', content > 0 ? linked / content : 1);
  write.add('strongShare', content > 0 ? strong / content : 1);
  write.add('unlinkedCapitals', capital);
  write.add('longestUnlinked', longest);
  write.add('bestColumn', Math.max(0, ...question.columns.map((link) => link.strength)));
  write.add('bestTable', Math.max(0, ...question.tables.map((link) => link.strength)));
  write.add('bestValue', Math.max(0, ...question.values.filter((link) => link.match !== 'unknown').map((link) => link.strength)));
  write.add('tokens', question.tokens.length);
  write.add('schemaTables', question.schema.tables.length);
  write.add('schemaColumns', question.schema.columns.length);
};

/** The greatest two; 0 where there are fewer. */
const topTwo = (shares: ArrayLike<number>): [number, number] => {
  let first = -Infinity;
  let second = -Infinity;
  for (let at = 0; at < shares.length; at += 1) {
    const share = shares[at]!;
    if (share > first) [first, second] = [share, first];
    else if (share > second) second = share;
  }
  return [shares.length > 0 ? first : 0, shares.length > 1 ? second : 0];
};

const writeRoles = (write: RowWriter, { roles }: BeamInput): void => {
  for (const role of ['select', 'aggregate', 'where', 'group', 'order', 'from'] as const) {
    const [first, second] = topTwo(roles[role]);
    write.add(`first:${role}`, first);
    write.add(`second:${role}`, second);
  }
};

export const writeAnswerable = (write: RowWriter, input: BeamInput): Float32Array => {
  write.begin();
  writeUnlinked(write, input);
  writeRoles(write, input);
  return write.end();
};

/** Where the chosen reading's own features begin in its row. */
export const WINNER_AT = 6;

export const writeConfidence = (write: RowWriter, input: BeamInput, field: Field): Float32Array => {
  write.begin();
  const [first = 0, second = first - 8, third = second - 1] = field.scores;
  let total = 0;
  for (const score of field.scores) total += Math.exp(score - first);
  write.add('share', 1 / total);
  write.add('margin', first - second);
  write.add('margin3', first - third);
  write.add('field', field.scores.length);
  let close = 0;
  for (const score of field.scores) if (first - score < 1) close += 1;
  write.add('close', close);
  write.add('top', first);
  field.names.forEach((name, index) => write.add(`winner:${name}`, field.features[index]));
  writeUnlinked(write, input);
  writeRoles(write, input);
  return write.end();
};

/** Linear between the points of the calibration curve. */
export const calibrate = (
  { scores, shares }: { readonly scores: readonly number[]; readonly shares: readonly number[] },
  score: number,
): number => {
  if (scores.length === 0) return score;
  if (score <= scores[0]!) return shares[0]!;
  for (let index = 1; index < scores.length; index += 1) {
    if (score > scores[index]!) continue;
    const [low, high] = [scores[index - 1]!, scores[index]!];
    const part = high > low ? (score - low) / (high - low) : 1;
    return shares[index - 1]! + part * (shares[index]! - shares[index - 1]!);
  }
  return shares[shares.length - 1]!;
};
