import { isNumeric, type Frame } from './frame';

/** What looks as if the answer were among the questions. Warnings, not refusals: only the person knows. */
export function leakageWarnings(
  frame: Frame,
  { target, features, timeColumn }: { target: string | null; features: readonly string[]; timeColumn?: string | null },
): string[] {
  const warnings: string[] = [];
  if (target) {
    const answers = frame.columns[frame.names.indexOf(target)]!;
    for (const name of features) {
      const column = frame.columns[frame.names.indexOf(name)]!;
      if (column.every((value, row) => value === answers[row])) warnings.push(`${name} equals the target in every row`);
      else if (isNumeric(column) && isNumeric(answers) && Math.abs(correlation(column, answers)) > 0.999)
        warnings.push(`${name} moves with the target almost exactly`);
      else if (determines(column, answers)) warnings.push(`each value of ${name} goes with one value of the target`);
    }
  }
  if (timeColumn && features.includes(timeColumn))
    warnings.push(`${timeColumn} is a feature: what is predicted later has times that training never saw`);
  return warnings;
}

/** True where few values fix the answer without being mere identifiers. */
function determines(column: readonly (string | number | null)[], answers: readonly (string | number | null)[]): boolean {
  const seen = new Map<unknown, unknown>();
  for (const [row, value] of column.entries()) {
    if (seen.has(value) && seen.get(value) !== answers[row]) return false;
    seen.set(value, answers[row]);
  }
  const kinds = new Set(answers).size;
  return kinds > 1 && seen.size <= Math.max(kinds * 2, 4) && column.length > seen.size * 5;
}

function correlation(a: readonly unknown[], b: readonly unknown[]): number {
  const pairs = a.flatMap((value, row): [number, number][] =>
    typeof value === 'number' && typeof b[row] === 'number' ? [[value, b[row]]] : [],
  );
  if (pairs.length < 3) return 0;
  const mean = (place: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[place], 0) / pairs.length;
  const [ma, mb] = [mean(0), mean(1)];
  let [covariance, va, vb] = [0, 0, 0];
  for (const [x, y] of pairs) {
    covariance += (x - ma) * (y - mb);
    va += (x - ma) ** 2;
    vb += (y - mb) ** 2;
  }
  return va === 0 || vb === 0 ? 0 : covariance / Math.sqrt(va * vb);
}
