interface ReportedVersion {
  readonly task: string;
  readonly version: number;
  readonly algorithm: string;
  readonly details: unknown;
}

type View = Readonly<Record<string, unknown>>;

interface Details {
  readonly intervals?: Readonly<Record<string, { value: number; low: number; high: number }>>;
  readonly roc?: readonly object[];
  readonly precision_recall?: readonly object[];
  readonly calibration?: readonly object[];
  readonly confusion?: { readonly classes: readonly string[]; readonly counts: readonly (readonly number[])[] };
  readonly residuals?: readonly object[];
  readonly importance?: readonly object[];
  readonly gainImportance?: readonly object[];
  readonly actual?: readonly number[];
  readonly predicted?: readonly number[];
  readonly seasonal_naive?: readonly number[];
  readonly sizes?: readonly object[];
}

const quantitative = (field: string, title: string): View => ({ field, type: 'quantitative', title });
const view = (title: string, values: readonly object[], rest: View): View => ({
  title,
  width: 320,
  height: 220,
  data: { values },
  ...rest,
});
const diagonal = (from: number, to: number): View => ({
  data: { values: [{ a: from, b: from }, { a: to, b: to }] }, mark: { type: 'line', strokeDash: [4, 4], color: 'gray' },
  encoding: { x: { field: 'a', type: 'quantitative' }, y: { field: 'b', type: 'quantitative' } },
}); // prettier-ignore

/** What a training measured, drawn: one Vega-Lite document of those charts that the task has. */
export function reportOf(name: string, { task, version, algorithm, details }: ReportedVersion): View {
  const found = details as Details;
  const charts = [
    intervals(found),
    curve('ROC', found.roc, { x: ['fpr', 'false positives'], y: ['tpr', 'true positives'], guide: true }),
    curve('Precision and recall', found.precision_recall, { x: ['recall', 'recall'], y: ['precision', 'precision'], guide: false }),
    curve('Calibration', found.calibration, { x: ['predicted', 'predicted share'], y: ['actual', 'actual share'], guide: true }),
    confusion(found),
    residuals(found),
    importance('Importance by permutation', found.importance, 'how much the loss grows'),
    importance('Importance by gain', found.gainImportance, 'share of the gain'),
    forecast(found),
    sizes(found),
  ].filter((chart) => chart !== null);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    title: `${name}, version ${version}: ${task} by ${algorithm.replaceAll('_', ' ')}`,
    description: `What the training of ${name}, version ${version}, measured on rows that it had not seen.`,
    // A document needs a chart; a model that came from outside has none.
    ...(charts.length > 0
      ? { concat: charts, columns: 2, resolve: { scale: { color: 'independent', x: 'independent', y: 'independent' } } }
      : { data: { values: [{ text: 'Nothing was measured here.' }] }, mark: 'text', encoding: { text: { field: 'text' } } }),
  };
}

function intervals({ intervals: given = {} }: Details): View | null {
  const values = Object.entries(given).map(([metric, each]) => ({ metric, ...each }));
  if (values.length === 0) return null;
  const row = { field: 'metric', type: 'nominal', title: null };
  return {
    title: 'Metrics with 95 % intervals',
    // Each metric has a scale of its own.
    facet: { row: { ...row, header: { labelAngle: 0, labelAlign: 'left' } } },
    data: { values },
    spec: {
      width: 320,
      height: 18,
      layer: [
        { mark: { type: 'rule', strokeWidth: 2 }, encoding: { x: { ...quantitative('low', ''), scale: { zero: false } }, x2: { field: 'high' } } },
        { mark: { type: 'point', filled: true }, encoding: { x: quantitative('value', ''), tooltip: ['value', 'low', 'high'].map((field) => quantitative(field, field)) } },
      ],
    },
    resolve: { scale: { x: 'independent' } },
  }; // prettier-ignore
}

function curve(
  title: string,
  values: readonly object[] | undefined,
  { x, y, guide }: { x: readonly [string, string]; y: readonly [string, string]; guide: boolean },
): View | null {
  if (!values?.length) return null;
  const line = { mark: { type: 'line', point: values.length < 20 }, encoding: { x: quantitative(...x), y: quantitative(...y), order: { field: x[0] } } }; // prettier-ignore
  return view(title, values, { layer: guide ? [diagonal(0, 1), line] : [line] });
}

function confusion({ confusion: given }: Details): View | null {
  if (!given) return null;
  const values = given.classes.flatMap((actual, was) => given.classes.map((predicted, said) => ({ actual, predicted, rows: given.counts[was]![said]! }))); // prettier-ignore
  const [x, y] = [{ field: 'predicted', type: 'nominal' }, { field: 'actual', type: 'nominal' }]; // prettier-ignore
  const text = { mark: { type: 'text', fontSize: 12 }, encoding: { x, y, text: { field: 'rows', type: 'quantitative' } } };
  const layer = [{ mark: 'rect', encoding: { x, y, color: quantitative('rows', 'rows') } }, ...(given.classes.length <= 10 ? [text] : [])]; // prettier-ignore
  return view('Confusion', values, { layer });
}

function residuals({ residuals: given }: Details): View | null {
  if (!given?.length) return null;
  const encoding = { x: quantitative('predicted', 'predicted'), y: quantitative('residual', 'actual − predicted') };
  return view('Residuals', given, { mark: { type: 'point', opacity: 0.5 }, encoding });
}

function importance(title: string, given: readonly object[] | undefined, unit: string): View | null {
  if (!given?.length) return null;
  const encoding = { y: { field: 'feature', type: 'nominal', sort: '-x', title: null }, x: quantitative('importance', unit) };
  return view(title, given.slice(0, 25), { mark: 'bar', encoding });
}

function forecast({ actual, predicted, seasonal_naive: naive }: Details): View | null {
  if (!actual || !predicted || !naive) return null;
  const series = Object.entries({ actual, forecast: predicted, 'season before': naive });
  const values = series.flatMap(([name, points]) => points.map((value, step) => ({ name, step: step + 1, value })));
  const encoding = { x: quantitative('step', 'step'), y: { ...quantitative('value', ''), scale: { zero: false } }, color: { field: 'name', type: 'nominal', title: null } }; // prettier-ignore
  return view('The end of the series, forecast from what was before', values, { mark: { type: 'line', point: true }, encoding });
}

function sizes({ sizes: given }: Details): View | null {
  if (!given?.length) return null;
  const encoding = { x: { field: 'cluster', type: 'ordinal' }, y: quantitative('rows', 'rows') };
  return view('Rows of each cluster', given, { mark: 'bar', encoding });
}
