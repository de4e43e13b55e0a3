// Run as a child process: an imported ONNX model asked twice, by the runtime itself and by our scorer.
import { readFileSync } from 'node:fs';

import { InferenceSession, Tensor } from 'onnxruntime-node';

import type { ModelDocument } from '../../subgraphs/ml/service/algorithms/model-document';
import { scorerFor } from '../../subgraphs/ml/service/algorithms/score';

interface Question {
  readonly document: Extract<ModelDocument, { kind: 'onnx' }>;
  readonly rows: readonly Readonly<Record<string, number | string | null>>[];
}

async function answer({ document, rows }: Question): Promise<void> {
  // A model of our own export is asked directly too; others have inputs of their own.
  const scores = document.inputs[0]?.name === 'features' ? await directly(document, rows) : [];
  const predictions = await scorerFor(document).predict(rows);
  process.stdout.write(`${JSON.stringify({ scores, predictions })}\n`);
}

async function directly(document: Question['document'], rows: Question['rows']): Promise<number[]> {
  const session = await InferenceSession.create(Buffer.from(document.base64, 'base64'), { logSeverityLevel: 4 });
  const matrix = Float32Array.from(rows.flatMap((row) => document.features.map((name) => Number(row[name] ?? Number.NaN))));
  const out = await session.run({ features: new Tensor('float32', matrix, [rows.length, document.features.length]) });
  return Array.from((out.probabilities ?? out.prediction)!.data as Float32Array);
}

answer(JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Question).catch((error: unknown) => {
  process.stdout.write(`${JSON.stringify({ failed: String(error) })}\n`);
  process.exitCode = 1;
});
