import type { CategoryEncoder } from './categories';
import type { Link } from './objectives';
import type { Objective } from './options';
import type { Tree } from './tree';

/** A trained ensemble: plain data that scores, explains itself, and is written as JSON or ONNX. */
export interface BoostedModel {
  readonly objective: Objective;
  readonly link: Link;
  readonly outputs: number;
  readonly featureNames: readonly string[];
  /** Start score of each output. */
  readonly base: readonly number[];
  /** Trees by round, then by output. A forest's outputs are means over rounds. */
  readonly trees: readonly Tree[];
  readonly average: boolean;
  readonly encoders: readonly CategoryEncoder[];
  /** Total gain of the splits on each feature, as shares that sum to 1. */
  readonly importance: readonly number[];
  readonly rounds: number;
  readonly trainLoss: number;
  readonly validationLoss?: number;
}
