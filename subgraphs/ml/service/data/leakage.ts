import { cellAt, isNumeric, pick, type Column, type Frame } from './frame';

interface Roles {
  readonly target: string | null;
  readonly features: readonly string[];
  readonly timeColumn?: string | null;
}

/** What looks as if the answer were among the questions. Warnings, not refusals: only the person knows. */
export function leakageWarnings(frame: Frame, { target, features, timeColumn }: Roles): string[] {
  const places = new Map(frame.names.map((name, place) => [name, place]));
  const column = (name: string): Column => frame.columns[places.get(name)!]!;
  const warnings: string[] = [];
  if (target) for (const name of features) warnings.push(...ofTarget(name, column(name), column(target)));
  if (timeColumn && places.has(timeColumn)) {
    const at = times(column(timeColumn));
    for (const name of features)
      if (name === timeColumn) warnings.push(`${name} is a feature: what is predicted later has times that training never saw`);
      else if (liesAfter(column(name), at))
        warnings.push(`${name} holds times after ${timeColumn}: it was not known yet when the prediction would have been made`);
  }
  return warnings;
}

function ofTarget(name: string, column: Column, answers: Column): string[] {
  const rows = column.length;
  let equal = true;
  for (let row = 0; equal && row < rows; row += 1) equal = String(column[row]) === String(answers[row]);
  if (equal) return [`${name} equals the target in every row`];
  if (isNumeric(column) && isNumeric(answers) && Math.abs(correlation(column, answers)) > 0.999)
    return [`${name} moves with the target almost exactly`];
  return determines(column, answers) ? [`each value of ${name} goes with one value of the target`] : [];
}

/** True where few values fix the answer without being mere identifiers. */
function determines(column: Column, answers: Column): boolean {
  const seen = new Map<unknown, unknown>();
  for (let row = 0; row < column.length; row += 1) {
    const [value, answer] = [column[row], answers[row]];
    if (seen.has(value) && !Object.is(seen.get(value), answer)) return false;
    seen.set(value, answer);
  }
  const kinds = new Set(seen.values()).size;
  return kinds > 1 && seen.size <= Math.max(kinds * 2, 4) && column.length > seen.size * 5;
}

const dateLike = /^\d{4}-\d{2}-\d{2}/;

function times(column: Column): Float64Array {
  return Float64Array.from({ length: column.length }, (_, row) => {
    const value = cellAt(column, row);
    return typeof value === 'number' ? value : value === null ? NaN : Date.parse(value);
  });
}

/** Dates and times that are mostly later than the row's own. Only texts: a number is seldom a time. */
function liesAfter(column: Column, at: Float64Array): boolean {
  if (isNumeric(column)) return false;
  let [known, later] = [0, 0];
  for (let row = 0; row < column.length; row += 1) {
    const value = column[row];
    if (value === null || value === undefined) continue;
    if (!dateLike.test(value)) return false;
    const time = Date.parse(value);
    if (Number.isNaN(time) || Number.isNaN(at[row]!)) continue;
    known += 1;
    if (time > at[row]!) later += 1;
  }
  return known > 0 && later > known / 2;
}

function correlation(a: Float64Array, b: Float64Array): number {
  let [count, sumA, sumB] = [0, 0, 0];
  for (let row = 0; row < a.length; row += 1) {
    if (Number.isNaN(a[row]!) || Number.isNaN(b[row]!)) continue;
    count += 1;
    sumA += a[row]!;
    sumB += b[row]!;
  }
  if (count < 3) return 0;
  const [meanA, meanB] = [sumA / count, sumB / count];
  let [covariance, varianceA, varianceB] = [0, 0, 0];
  for (let row = 0; row < a.length; row += 1) {
    const [x, y] = [a[row]! - meanA, b[row]! - meanB];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    covariance += x * y;
    varianceA += x * x;
    varianceB += y * y;
  }
  return varianceA === 0 || varianceB === 0 ? 0 : covariance / Math.sqrt(varianceA * varianceB);
}

/** Without a last period that has begun and is not over: its value is a part, which looks like a fall. */
export function withoutUnfinished(frame: Frame, name: string, now: Date): { readonly frame: Frame; readonly warnings: readonly string[] } {
  const column = frame.columns[frame.names.indexOf(name)];
  const at = column && !isNumeric(column) ? times(column) : new Float64Array();
  const last = unfinishedPeriod(at, now);
  if (last === null) return { frame, warnings: [] };
  const rows = [...at.keys()].filter((row) => at[row] !== last);
  const day = new Date(last).toISOString().slice(0, 10);
  return { frame: pick(frame, rows), warnings: [`the last period of ${name}, ${day}, is not over yet and was left out`] };
}

/** When the unfinished period began; null where there is none, or too few to tell how long one is. */
function unfinishedPeriod(times: Float64Array, now: Date): number | null {
  const at = times.filter((time) => !Number.isNaN(time)).sort();
  const last = at.at(-1);
  if (last === undefined || at.length < 3) return null;
  const steps = at.slice(1).map((time, place) => time - at[place]!).sort(); // prettier-ignore
  const step = steps[Math.floor(steps.length / 2)]!;
  if (step <= 0 || last > now.getTime() || endOf(last, step, at) <= now.getTime()) return null;
  return last;
}

const dayMs = 86_400_000;

/** Months, quarters and years are not equally long: where all begin on one day of the month, the calendar says when the next does. */
function endOf(last: number, step: number, at: Float64Array): number {
  const months = Math.round(step / (30.44 * dayMs));
  const day = new Date(last).getUTCDate();
  if (months < 1 || !at.every((time) => new Date(time).getUTCDate() === day)) return last + step;
  const end = new Date(last);
  return end.setUTCMonth(end.getUTCMonth() + months);
}
