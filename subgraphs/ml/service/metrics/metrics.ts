import { seeded } from '../data/random';

export interface Interval {
  readonly value: number;
  /** 95 % by bootstrap of the rows (Efron 1979), 200 draws. */
  readonly low: number;
  readonly high: number;
}

export type Metrics = Readonly<Record<string, number>>;

export interface Evaluation {
  readonly metrics: Metrics;
  readonly intervals: Readonly<Record<string, Interval>>;
  /** Curves and tables for the report. */
  readonly details: Readonly<Record<string, unknown>>;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function withIntervals(count: number, measure: (rows: readonly number[]) => Metrics, details: Evaluation['details']): Evaluation {
  const all = Array.from({ length: count }, (_, row) => row);
  const metrics = measure(all);
  const random = seeded(7);
  const draws = Array.from({ length: 200 }, () => measure(all.map(() => Math.floor(random() * count))));
  const intervals = Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => {
      const sorted = draws.map((draw) => draw[name]!).sort((a, b) => a - b);
      return [name, { value, low: sorted[4]!, high: sorted[194]! }];
    }),
  );
  return { metrics, intervals, details };
}

export function evaluateRegression(actual: readonly number[], predicted: readonly number[]): Evaluation {
  const measure = (rows: readonly number[]): Metrics => {
    const errors = rows.map((row) => actual[row]! - predicted[row]!);
    const centre = mean(rows.map((row) => actual[row]!));
    const spread = rows.reduce((sum, row) => sum + (actual[row]! - centre) ** 2, 0);
    const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
    return { rmse: Math.sqrt(squares / errors.length), mae: mean(errors.map(Math.abs)), r2: spread === 0 ? 0 : 1 - squares / spread };
  };
  const residuals = actual
    .slice(0, 500)
    .map((value, row) => ({ actual: value, predicted: predicted[row]!, residual: value - predicted[row]! }));
  return withIntervals(actual.length, measure, { residuals });
}

/** Area under the ROC curve by ranks (Mann–Whitney), ties counted half. */
export function areaUnderCurve(positive: readonly boolean[], scores: readonly number[]): number {
  const order = scores.map((_, row) => row).sort((a, b) => scores[a]! - scores[b]!);
  let [ranks, positives] = [0, 0];
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end + 1 < order.length && scores[order[end + 1]!] === scores[order[start]!]) end += 1;
    const rank = (start + end) / 2 + 1;
    for (let place = start; place <= end; place += 1) if (positive[order[place]!]) [ranks, positives] = [ranks + rank, positives + 1];
    start = end + 1;
  }
  const negatives = positive.length - positives;
  return positives === 0 || negatives === 0 ? 0.5 : (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

export function evaluateClassification(
  actual: readonly string[],
  predicted: readonly string[],
  { classes, probabilities }: { classes: readonly string[]; probabilities: readonly (readonly number[])[] },
): Evaluation {
  const measure = (rows: readonly number[]): Metrics => {
    const perClass = classes.map((name) => {
      let [hit, said, was] = [0, 0, 0];
      for (const row of rows) {
        if (predicted[row] === name) said += 1;
        if (actual[row] === name) was += 1;
        if (predicted[row] === name && actual[row] === name) hit += 1;
      }
      const [precision, recall] = [said === 0 ? 0 : hit / said, was === 0 ? 0 : hit / was];
      return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
    });
    // Two classes: those of the second, as is usual; more: the mean over classes.
    const counted = classes.length === 2 ? [perClass[1]!] : perClass;
    const auc =
      classes.length === 2
        ? areaUnderCurve(
            rows.map((row) => actual[row] === classes[1]),
            rows.map((row) => probabilities[row]?.[1] ?? 0),
          )
        : mean(
            classes.map((name, place) =>
              areaUnderCurve(
                rows.map((row) => actual[row] === name),
                rows.map((row) => probabilities[row]?.[place] ?? 0),
              ),
            ),
          );
    return {
      accuracy: mean(rows.map((row) => (actual[row] === predicted[row] ? 1 : 0))),
      precision: mean(counted.map(({ precision }) => precision)),
      recall: mean(counted.map(({ recall }) => recall)),
      f1_score: mean(counted.map(({ f1 }) => f1)),
      auc_roc: auc,
    };
  };
  const confusion = classes.map((was) =>
    classes.map((said) => actual.filter((name, row) => name === was && predicted[row] === said).length),
  );
  const details: Record<string, unknown> = { confusion: { classes, counts: confusion } };
  if (classes.length === 2)
    Object.assign(
      details,
      curves(
        actual.map((name) => name === classes[1]),
        probabilities.map((each) => each[1] ?? 0),
      ),
    );
  return withIntervals(actual.length, measure, details);
}

/** ROC, precision–recall and calibration of a binary score, at most 101 points each. */
function curves(positive: readonly boolean[], scores: readonly number[]): Record<string, unknown> {
  const thresholds = Array.from({ length: 101 }, (_, step) => step / 100);
  const total = positive.filter(Boolean).length;
  const roc = thresholds.map((threshold) => {
    let [hits, alarms] = [0, 0];
    scores.forEach((score, row) => score >= threshold && (positive[row] ? (hits += 1) : (alarms += 1)));
    return {
      threshold,
      tpr: total === 0 ? 0 : hits / total,
      fpr: positive.length === total ? 0 : alarms / (positive.length - total),
      precision: hits + alarms === 0 ? 1 : hits / (hits + alarms),
    };
  });
  const calibration = Array.from({ length: 10 }, (_, bin) => {
    const rows = scores.flatMap((score, row) => (Math.min(9, Math.floor(score * 10)) === bin ? [row] : []));
    return {
      bin,
      count: rows.length,
      predicted: mean(rows.map((row) => scores[row]!)),
      actual: mean(rows.map((row) => (positive[row] ? 1 : 0))),
    };
  }).filter(({ count }) => count > 0);
  return {
    roc: roc.map(({ threshold, tpr, fpr }) => ({ threshold, tpr, fpr })),
    precision_recall: roc.map(({ threshold, tpr, precision }) => ({ threshold, recall: tpr, precision })),
    calibration,
  };
}

/** Mean distance of rows to their centre, and the silhouette of a sample of 500 rows (Rousseeuw 1987). */
export function evaluateClusters(rows: readonly (readonly number[])[], labels: readonly number[]): Evaluation {
  const distance = (a: readonly number[], b: readonly number[]): number =>
    Math.sqrt(a.reduce((sum, value, place) => sum + (value - b[place]!) ** 2, 0));
  const sample = rows.map((_, row) => row).slice(0, 500);
  const clusters = [...new Set(labels)].sort((a, b) => a - b);
  const scores = sample.map((row) => {
    const to = clusters.map((cluster) =>
      mean(sample.filter((other) => other !== row && labels[other] === cluster).map((other) => distance(rows[row]!, rows[other]!))),
    );
    const own = to[clusters.indexOf(labels[row]!)]!;
    const nearest = Math.min(...to.filter((_, place) => clusters[place] !== labels[row]));
    return Number.isFinite(nearest) && Math.max(own, nearest) > 0 ? (nearest - own) / Math.max(own, nearest) : 0;
  });
  const sizes = clusters.map((cluster) => ({ cluster, rows: labels.filter((label) => label === cluster).length }));
  return { metrics: { silhouette: mean(scores), clusters: clusters.length }, intervals: {}, details: { sizes } };
}
