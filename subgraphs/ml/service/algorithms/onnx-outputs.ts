import type { ModelDocument } from './model-document';
import type { Prediction } from './prediction';

export interface OutputTensor {
  readonly type: string;
  readonly data: ArrayLike<number | string | bigint>;
  readonly dims: readonly number[];
}

type OnnxDocument = Extract<ModelDocument, { kind: 'onnx' }>;

const isNumbers = ({ type }: OutputTensor): boolean => type === 'float32' || type === 'float64';
const widthOf = ({ dims }: OutputTensor): number => dims[1] ?? 1;

/**
 * What the outputs of a model mean. scikit-learn gives labels and then scores; PyTorch gives one matrix: of classes a score for each,
 * or one score of the second of two.
 */
export function toPredictions(document: OnnxDocument, outputs: readonly OutputTensor[], rows: number): Prediction[] {
  const scores = scoresOf(document, outputs, rows);
  const labels = outputs.find((output) => !isNumbers(output) && widthOf(output) === 1);
  return Array.from({ length: rows }, (_, row) => {
    const label = labels ? labelAt(labels, row) : null;
    if (document.task === 'classification') return ofClass(document, label, scores ? sharesOf(document, scores, row) : null);
    if (document.task === 'anomaly' && label !== null) return { ...bare, prediction: Number(label) === -1 ? 1 : 0 };
    const value = label ?? (scores ? Number(scores.data[row * widthOf(scores)]) : 0);
    return { ...bare, prediction: document.task === 'clustering' || !scores ? value : Number(scores.data[row * widthOf(scores)]) };
  });
}

/** One output of scores; or, as scikit-learn may be told to write, one for each class. */
function scoresOf({ task }: OnnxDocument, outputs: readonly OutputTensor[], rows: number): OutputTensor | undefined {
  const all = outputs.filter(isNumbers);
  if (task !== 'classification' || all.length < 2 || all.length === outputs.length || all.some((each) => widthOf(each) > 1)) return all[0];
  const data = Float64Array.from({ length: rows * all.length }, (_, cell) =>
    Number(all[cell % all.length]!.data[Math.floor(cell / all.length)]),
  );
  return { type: 'float64', data, dims: [rows, all.length] };
}

const bare = { probability: null, probabilities: null, contributions: null, bias: null };

const labelAt = ({ data }: OutputTensor, row: number): string | number => {
  const label = data[row]!;
  return typeof label === 'bigint' ? Number(label) : label;
};

function sharesOf({ logits }: OnnxDocument, scores: OutputTensor, row: number): number[] {
  const width = widthOf(scores);
  const values = Array.from({ length: width }, (_, place) => Number(scores.data[row * width + place]));
  if (width === 1) {
    const yes = logits ? 1 / (1 + Math.exp(-values[0]!)) : values[0]!;
    return [1 - yes, yes];
  }
  if (!logits) return values;
  const most = Math.max(...values);
  const parts = values.map((value) => Math.exp(value - most));
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
}

function ofClass({ classes, fileClasses }: OnnxDocument, label: string | number | null, shares: number[] | null): Prediction {
  const best = shares ? shares.indexOf(Math.max(...shares)) : -1;
  if (label === null) return { ...bare, prediction: classes?.[best] ?? best, probability: shares?.[best] ?? null, probabilities: shares };
  // A label is a class of the file, by name or number; the caller may have named the classes anew, in the same order.
  // Where the file names none, a number is a place.
  const names = fileClasses ?? (typeof label === 'string' ? classes : null);
  const inFile = names?.indexOf(String(label)) ?? -1;
  const place = inFile >= 0 ? inFile : typeof label === 'number' ? label : best;
  return { ...bare, prediction: classes?.[place] ?? label, probability: shares?.[place] ?? null, probabilities: shares };
}
