import { fromDocument } from '#platform/boosting';
import { errors, nearestName } from '#platform/errors';

import type { ModelDocument } from '../algorithms/model-document';
import { featuresOf } from '../algorithms/onnx-inputs';
import type { Row } from '../algorithms/prediction';

/** Steps of a forecast. */
const maxHorizon = 1_000;

const known = new WeakMap<ModelDocument, ReadonlySet<string>>();

/** Features that were numbers in training; the others are categories. */
export function numericFeatures(document: ModelDocument): ReadonlySet<string> {
  let names = known.get(document);
  if (!names) known.set(document, (names = new Set(namesOf(document))));
  return names;
}

function namesOf(document: ModelDocument): readonly string[] {
  if ('encoder' in document) return document.encoder.flatMap(({ name, categories }) => (categories ? [] : [name]));
  if (document.kind === 'onnx') return numbersOf(document);
  if (document.kind !== 'trees') return [];
  const categories = new Set(fromDocument(JSON.parse(document.document)).encoders.map(({ feature }) => feature));
  return document.features.filter((_, place) => !categories.has(place));
}

const numbersOf = (document: Extract<ModelDocument, { kind: 'onnx' }>): readonly string[] =>
  document.inputs.flatMap(({ name, text }) => (text ? [] : featuresOf(document, name)));

const isNumber = (value: unknown): boolean => typeof value !== 'object' && Number.isFinite(Number(value));

/** Every feature by name, and numbers where numbers were learned. */
export function checkRow(document: ModelDocument, row: Row): void {
  // A forecast goes on from its own series.
  if (document.kind === 'smoothing' || document.kind === 'arima') return checkHorizon(row);
  const numbers = numericFeatures(document);
  for (const name of document.features) {
    if (!Object.hasOwn(row, name)) {
      const nearest = nearestName(name, Object.keys(row));
      throw errors.INVALID_REQUEST(
        {
          what: `features.${name}`,
          hint: nearest ? `it is missing; did you mean it by ${nearest}?` : 'it is missing; null says that its value is not known',
        },
        { field: `features.${name}` },
      );
    }
    const value = row[name];
    if (value === null || value === undefined) continue;
    const hint = numbers.has(name)
      ? isNumber(value) ? null : `${JSON.stringify(value).slice(0, 40)} is no number, and the model learned numbers here`
      : typeof value === 'object' ? 'the model learned texts here' : null; // prettier-ignore
    if (hint) throw errors.INVALID_REQUEST({ what: `features.${name}`, hint }, { field: `features.${name}` });
  }
}

function checkHorizon(row: Row): void {
  const refuse = (name: string, hint: string): Error =>
    errors.INVALID_REQUEST({ what: `features.${name}`, hint }, { field: `features.${name}` });
  const unknown = Object.keys(row).find((name) => name !== 'horizon');
  if (unknown !== undefined) throw refuse(unknown, 'a forecast takes only its horizon, the number of steps');
  const { horizon } = row;
  if (horizon === null || horizon === undefined) return;
  if (!Number.isInteger(horizon) || Number(horizon) < 1 || Number(horizon) > maxHorizon)
    throw refuse('horizon', `it must be a whole number of steps, 1 to ${maxHorizon.toLocaleString('en')}`);
}
