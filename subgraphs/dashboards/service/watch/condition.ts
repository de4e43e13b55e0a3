import { z } from 'zod';

export const alertOperators = ['greater_than', 'less_than', 'equals', 'not_equals', 'percentage_change', 'anomaly'] as const;

export const condition = z
  .object({ operator: z.enum(alertOperators), threshold: z.number().nullish() })
  .refine(({ operator, threshold }) => operator === 'anomaly' || threshold != null, {
    message: 'it needs a threshold',
    path: ['threshold'],
  });
export type Condition = z.infer<typeof condition>;

export interface Verdict {
  readonly fired: boolean;
  readonly message: string;
}

const number = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 4 });

/** Robust z-score from which a value is an outlier (Iglewicz and Hoaglin, 1993). */
const outlierFrom = 3.5;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Whether an alert fires. `history` holds earlier values, oldest first; where the query gives a series, its earlier points. */
export function judge({ operator, threshold }: Condition, { value, history }: { value: number; history: readonly number[] }): Verdict {
  const limit = threshold ?? outlierFrom;
  switch (operator) {
    case 'greater_than':
      return { fired: value > limit, message: `${number(value)} against a limit of ${number(limit)}` };
    case 'less_than':
      return { fired: value < limit, message: `${number(value)} against a floor of ${number(limit)}` };
    case 'equals':
      return { fired: value === limit, message: `${number(value)} against ${number(limit)}` };
    case 'not_equals':
      return { fired: value !== limit, message: `${number(value)} against ${number(limit)}` };
    case 'percentage_change': {
      const before = history.at(-1);
      if (before === undefined || before === 0) return { fired: false, message: `${number(value)}; nothing to compare with yet` };
      const change = (100 * (value - before)) / Math.abs(before);
      return {
        fired: Math.abs(change) >= Math.abs(limit),
        message: `${number(value)}, ${change >= 0 ? '+' : ''}${number(change)} % from ${number(before)}`,
      };
    }
    case 'anomaly': {
      if (history.length < 8)
        return { fired: false, message: `${number(value)}; ${history.length} of 8 earlier values that judging an outlier takes` };
      const centre = median(history);
      const spread = median(history.map((each) => Math.abs(each - centre)));
      // 0.6745: the median absolute deviation of a normal distribution in standard deviations.
      const score = spread === 0 ? (value === centre ? 0 : Infinity) : (0.6745 * (value - centre)) / spread;
      return {
        fired: Math.abs(score) > limit,
        message: `${number(value)}; robust z-score ${Number.isFinite(score) ? number(score) : 'beyond measure'} over ${history.length} values (median ${number(centre)})`,
      };
    }
  }
}
