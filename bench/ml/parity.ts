import { fromDocument, toOnnx } from '#platform/boosting';

import { fit } from '../../subgraphs/ml/service/algorithms/fit';
import { onnxDocument } from '../../subgraphs/ml/service/algorithms/onnx-runtime';
import { scorerFor } from '../../subgraphs/ml/service/algorithms/score';
import type { Prediction } from '../../subgraphs/ml/service/algorithms/prediction';
import { toFrame } from '../../subgraphs/ml/service/data/frame';

import { names, synthetic, type Figure } from './synthetic';

const cases = [
  { what: 'boosted trees, a number', task: 'regression', algorithm: 'gradient_boosting' },
  { what: 'a forest, a number', task: 'regression', algorithm: 'random_forest' },
  { what: 'boosted trees, two classes', task: 'classification', algorithm: 'gradient_boosting' },
  { what: 'a forest, two classes', task: 'classification', algorithm: 'random_forest' },
];

/** The same rows, some with gaps, by our scorer and by the ONNX runtime from the file that we export. */
export async function parity(rows: number): Promise<Figure[]> {
  const { matrix, target } = synthetic(5_000, 4);
  const held = synthetic(rows, 5).matrix.map((row, place) =>
    Object.fromEntries(names.map((name, column) => [name, (place + column) % 17 === 0 ? null : row[column]])),
  );
  const figures: Figure[] = [];
  for (const { what, task, algorithm } of cases) {
    const classes = task === 'classification' ? ['0', '1'] : null;
    const answers = classes ? target : matrix.map(([a, b]) => 3 * a! + b!);
    const frame = toFrame([...names, 'y'], matrix.map((row, place) => [...row, answers[place]])); // prettier-ignore
    const request = { algorithm, task, hyperparameters: { n_estimators: 100 }, features: names, target: 'y', seed: 1, classes };
    const model = await fit(request, { train: frame, validation: null }, () => undefined);
    if (model.kind !== 'trees') throw new Error('trees were asked for');
    const file = Buffer.from(toOnnx(fromDocument(JSON.parse(model.document)))).toString('base64');
    const taken = await onnxDocument(file, { task, features: names, classes });
    const ours = await scorerFor(model).predict(held, { explain: false });
    const theirs = await scorerFor(taken).predict(held);
    const value = ({ prediction, probabilities }: Prediction): number => probabilities?.[1] ?? Number(prediction);
    const apart = ours.reduce((most, each, row) => Math.max(most, Math.abs(value(each) - value(theirs[row]!))), 0);
    figures.push({
      what: `ONNX, ${what}: largest difference over ${rows} rows`,
      wanted: 'under 0.0001',
      measured: apart.toExponential(1),
      met: apart < 1e-4,
    });
  }
  return figures;
}
