import { isMissing, pick, type Frame } from '../data/frame';
import { split, timesOf } from '../data/split';
import type { TrainingPlan } from '../training/plan';

/**
 * The rows that a search may see: those that the final model will learn from. A trial is measured on a part of them, so that the rows
 * which measure the final model have chosen nothing.
 */
export function searchRows(frame: Frame, plan: TrainingPlan): Frame {
  const rows = Array.from({ length: frame.rowCount }, (_, row) => row);
  const target = plan.target === null ? null : frame.columns[frame.names.indexOf(plan.target)]!;
  const known = target ? pick(frame, rows.filter((row) => !isMissing(target, row))) : frame; // prettier-ignore
  if (plan.task === 'classification' || plan.task === 'regression') return pick(known, split(known, plan.split).train);
  if (plan.task !== 'forecasting') return known;
  const horizon = Math.min(Number(plan.hyperparameters.horizon ?? 12), Math.max(1, Math.floor(known.rowCount / 4)));
  const order = rows.slice(0, known.rowCount);
  if (plan.split.timeColumn) {
    const times = timesOf(known.columns[known.names.indexOf(plan.split.timeColumn)]!, plan.split.timeColumn);
    order.sort((a, b) => times[a]! - times[b]! || a - b);
  }
  return pick(known, order.slice(0, -horizon));
}
