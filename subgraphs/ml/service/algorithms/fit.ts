import { toDocument, train, type Dataset, type Progress } from '#platform/boosting';

import type { Column, Frame } from '../data/frame';

import { answersOf } from './answers';
import { chooseOrders } from './arima';
import { encodeFrame, fitEncoder } from './encoder';
import { fitIsolation } from './isolation';
import { fitLinear } from './linear';
import type { ModelDocument } from './model-document';
import { fitSmoothing } from './smoothing';
import { fitXgboost } from './xgboost';
import type { FitRequest, FitData } from './fit-request';

/** Fits one model. Synchronous and heavy: runs in a worker thread. */
export async function fit(
  request: FitRequest,
  { train: frame, validation }: FitData,
  onProgress: (fraction: number) => void,
): Promise<ModelDocument> {
  const { algorithm, features, target, classes, hyperparameters, seed } = request;
  const shared = { features, target, classes };
  const number = (name: string, byDefault: number): number => Number(hyperparameters[name] ?? byDefault);
  switch (algorithm) {
    case 'gradient_boosting':
    case 'random_forest': {
      const isForest = algorithm === 'random_forest';
      const model = train(toDataset(request, frame), {
        objective: classes ? (classes.length === 2 ? 'binary' : 'multiclass') : 'regression',
        mode: isForest ? 'forest' : 'boost',
        trees: number('n_estimators', 100),
        depth: number('max_depth', isForest ? 12 : 6),
        bins: number('max_bins', 64),
        minChildWeight: number('min_child_weight', 1),
        l2: number('reg_lambda', isForest ? 0 : 1),
        rowFraction: number('subsample', 1),
        columnFraction: number('colsample_bytree', 1),
        learningRate: number('learning_rate', 0.1),
        seed,
        ...(hyperparameters.early_stopping_rounds && validation ? { earlyStoppingRounds: number('early_stopping_rounds', 20) } : {}),
        ...(hyperparameters.class_weight === 'balanced' && classes ? { classWeights: 'balanced' as const } : {}),
      }, {
        ...(hyperparameters.early_stopping_rounds && validation ? { validation: toDataset(request, validation) } : {}),
        onProgress: ({ round, rounds }: Progress) => onProgress(round / rounds),
      }); // prettier-ignore
      return { ...shared, kind: 'trees', document: JSON.stringify(toDocument(model)) };
    }
    case 'linear_regression':
    case 'ridge':
    case 'lasso':
    case 'logistic_regression': {
      const encoder = fitEncoder(frame, features);
      const rows = encodeFrame(encoder, frame);
      const logistic = algorithm === 'logistic_regression';
      const alpha = number('alpha', algorithm === 'linear_regression' ? 0 : logistic ? 1 : algorithm === 'lasso' ? 0.01 : 1);
      const answers = answersOf(frame.columns[frame.names.indexOf(target!)]!, classes);
      const targets = classes ? outputsOf(classes).map((name) => answers.map((value) => (classes[value] === name ? 1 : 0))) : [answers];
      const { weights } = fitLinear(rows, targets, {
        kind: logistic ? 'logistic' : 'squares',
        l1: algorithm === 'lasso' ? alpha : 0,
        l2: algorithm === 'ridge' ? alpha / Math.max(1, rows.length) : logistic ? alpha : 0,
        maxIterations: number('max_iter', 1_000),
      });
      onProgress(1);
      return { ...shared, kind: 'linear', encoder, weights, link: logistic ? 'logistic' : 'identity' };
    }
    case 'kmeans': {
      const { kmeans } = await import('ml-kmeans');
      const encoder = fitEncoder(frame, features);
      const rows = encodeFrame(encoder, frame);
      const { centroids } = kmeans(rows, Math.min(number('n_clusters', 4), rows.length), {
        seed,
        initialization: 'kmeans++',
        maxIterations: number('max_iter', 300),
      });
      onProgress(1);
      return { ...shared, kind: 'clusters', encoder, centroids };
    }
    case 'isolation_forest': {
      const encoder = fitEncoder(frame, features);
      const forest = fitIsolation(encodeFrame(encoder, frame), {
        trees: number('n_estimators', 100),
        contamination: number('contamination', 0.02),
        seed,
      });
      onProgress(1);
      return { ...shared, kind: 'isolation', encoder, forest };
    }
    case 'exponential_smoothing':
    case 'arima': {
      const series = Array.from(answersOf(frame.columns[frame.names.indexOf(target!)]!, null));
      const [period, horizon] = [number('period', 12), number('horizon', 12)];
      onProgress(1);
      if (algorithm === 'arima') return { ...shared, kind: 'arima', series, period, horizon, orders: chooseOrders(series, period) };
      return { ...shared, kind: 'smoothing', fitted: fitSmoothing(series, period), horizon };
    }
    case 'xgboost':
      return { ...shared, ...(await fitXgboost(request, frame, onProgress)) };
    default:
      throw new Error(`unknown algorithm ${algorithm}`);
  }
}

/** Outputs of a one-against-the-rest model: two classes need only one. */
export const outputsOf = (classes: readonly string[]): readonly string[] => (classes.length === 2 ? [classes[1]!] : classes);

function toDataset({ features, target, classes }: FitRequest, frame: Frame): Dataset {
  const column = (name: string): Column => frame.columns[frame.names.indexOf(name)]!;
  return { names: features, columns: features.map(column), target: answersOf(column(target!), classes) };
}
