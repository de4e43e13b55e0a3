import { queryKinds } from './gold';
import type { QueryKind } from './gold';
import { ordered } from './rank';
import type { RankedQuestion } from './rank';
import { summariseSql } from './gold';
import type { Scorer } from '#platform/boosting';

const percent = (part: number, whole: number): string => (whole === 0 ? '–' : ((100 * part) / whole).toFixed(1));

export interface Scored {
  readonly question: RankedQuestion;
  readonly order: readonly number[];
  readonly scores: readonly number[];
}

export const scoreAll = (questions: readonly RankedQuestion[], scorerOf: (question: RankedQuestion) => Scorer | undefined): Scored[] =>
  questions.map((question) => ({ question, ...ordered(scorerOf(question), question) }));

export const summary = (rows: readonly Scored[]): string => {
  const live = rows.filter((row) => !row.question.judged.example.empty);
  const within = (count: number): number =>
    live.filter((row) => row.order.slice(0, count).some((index) => row.question.right[index])).length;
  const kinds = queryKinds.map((kind: QueryKind) => {
    const own = live.filter((row) => row.question.judged.example.gold.kind === kind);
    return `${kind} ${percent(own.filter((row) => row.question.right[row.order[0] ?? -1]).length, own.length)}/${percent(own.filter((row) => row.question.right.includes(1)).length, own.length)} (${own.length})`;
  });
  const times = rows.map((row) => row.question.ms).sort((a, b) => a - b);
  return `${live.length} questions: top-1 ${percent(within(1), live.length)}, top-5 ${percent(within(5), live.length)}, any ${percent(within(999), live.length)}; p95 ${times[Math.floor(times.length * 0.95)]?.toFixed(1)} ms\n  ${kinds.join(', ')}`;
};

/** Which parts of the first answer differ from gold, among the wrong answers. */
export const partErrors = (rows: readonly Scored[]): string => {
  const counts = new Map<string, { any: number; only: number; reachable: number }>();
  let wrong = 0;
  for (const row of rows) {
    const { example } = row.question.judged;
    const first = row.order[0];
    if (example.empty || first === undefined || row.question.right[first]) continue;
    wrong += 1;
    let parts: Record<string, string>;
    try {
      parts = summariseSql(example.linked.schema, row.question.sqls[first]!).parts;
    } catch {
      continue;
    }
    const differing = Object.keys(parts).filter((name) => parts[name] !== example.gold.parts[name]);
    for (const name of differing.length === 0 ? ['(same parts)'] : differing) {
      const count = counts.get(name) ?? { any: 0, only: 0, reachable: 0 };
      count.any += 1;
      if (differing.length <= 1) count.only += 1;
      if (row.question.right.includes(1)) count.reachable += 1;
      counts.set(name, count);
    }
  }
  return [...counts]
    .sort((a, b) => b[1].any - a[1].any)
    .map(
      ([name, count]) =>
        `${name} ${percent(count.any, wrong)} (only ${percent(count.only, wrong)}, reachable ${percent(count.reachable, count.any)})`,
    )
    .join('; ');
};
