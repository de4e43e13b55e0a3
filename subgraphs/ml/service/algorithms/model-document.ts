import type { ArimaOrders } from './arima';
import type { EncodedColumn } from './encoder';
import type { IsolationForest } from './isolation';
import type { Smoothed } from './smoothing';

/** A trained model as it is stored: plain JSON that scores without the library that trained it. */
export type ModelDocument = {
  readonly features: readonly string[];
  readonly target: string | null;
  readonly classes: readonly string[] | null;
} & (
  | {
      readonly kind: 'trees';
      /** JSON text: its hash covers the order of its fields, which a JSON column would change. */ readonly document: string;
    }
  | {
      readonly kind: 'linear';
      readonly encoder: readonly EncodedColumn[];
      readonly weights: readonly (readonly number[])[];
      readonly link: 'identity' | 'logistic';
    }
  | { readonly kind: 'clusters'; readonly encoder: readonly EncodedColumn[]; readonly centroids: readonly (readonly number[])[] }
  | { readonly kind: 'isolation'; readonly encoder: readonly EncodedColumn[]; readonly forest: IsolationForest }
  | { readonly kind: 'smoothing'; readonly fitted: Smoothed; readonly horizon: number }
  | {
      readonly kind: 'arima';
      readonly series: readonly number[];
      readonly period: number;
      readonly horizon: number;
      readonly orders: ArimaOrders;
    }
  | {
      readonly kind: 'xgboost';
      readonly encoder: readonly EncodedColumn[];
      readonly boosters: readonly unknown[];
      readonly options: Readonly<Record<string, string | number>>;
    }
  | {
      readonly kind: 'onnx';
      readonly base64: string;
      readonly task: string;
      /** Classes as the file itself names them; null where it does not. */
      readonly fileClasses: readonly string[] | null;
      /** True where scores of classes are not probabilities yet. */
      readonly logits: boolean;
      readonly inputs: readonly { readonly name: string; readonly type: string; readonly width: number | null; readonly text: boolean }[];
    }
);
