/**
 * How sure a reading is once it and its rivals were run: what the ranker saw of it, and whether their rows agree. Fitted on readings of databases
 * that the ranker had not seen (`bench/train/settled`); a deployment that runs nothing keeps the confidence of before.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { fromDocument, Scorer, toDocument } from '#platform/boosting';
import type { BoostedModel, ModelDocument } from '#platform/boosting';

import type { ResultSummary } from '../results';
import { calibrate } from './confidence';

/** What the learned reader knew of a reading when it ranked it. */
export interface Evidence {
  /** The row of the confidence model, with this reading as the chosen one. */
  readonly row: Float32Array;
  /** Share of the ranker's weight that the first reading has among all candidates. */
  readonly share: number;
  /** What unexplained words, and a question that fits the source badly, leave of the confidence, 0 to 1. */
  readonly doubt: number;
}

export interface Rival {
  readonly weight: number;
  readonly result: ResultSummary | null;
}

export interface Curve {
  readonly scores: readonly number[];
  readonly shares: readonly number[];
}

export interface SettledModels {
  readonly model: BoostedModel;
  /** Score of the model → share that was right. */
  readonly calibration: Curve;
  /** Confidence after the doubts → share that was right. */
  readonly after: Curve;
}

const RESULT_FEATURES = 13;

/** The evidence of the chosen reading and what the results of all say of it. `rivals` are all readings that were run, best first. */
export const settledRow = (evidence: Evidence, rivals: readonly Rival[], chosen: number): Float32Array => {
  const own = rivals[chosen]!.result;
  const share = (rival: Rival): number => rival.weight * evidence.share;
  const pools = new Map<string, number>();
  let together = 0;
  let failed = 0;
  for (const rival of rivals) {
    together += share(rival);
    if (!rival.result || rival.result.rows === 0) failed += 1;
    else pools.set(rival.result.key, (pools.get(rival.result.key) ?? 0) + share(rival));
  }
  const agreeing = rivals.filter((rival, index) => index === chosen || (own && rival.result?.key === own.key));
  const support = agreeing.reduce((sum, rival) => sum + share(rival), 0);
  const against = Math.max(0, ...[...pools].filter(([key]) => key !== own?.key).map(([, pool]) => pool));
  const row = new Float32Array(evidence.row.length + RESULT_FEATURES);
  row.set(evidence.row);
  row.set(
    [
      support,
      together > 0 ? support / together : 1,
      agreeing.length,
      pools.size,
      failed,
      Math.log1p(own?.rows ?? 0),
      own?.rows === 1 ? 1 : 0,
      !own || own.isNothing ? 1 : 0,
      own?.distinctShare ?? 0,
      own?.nullShare ?? 0,
      chosen > 0 ? 1 : 0,
      against,
      support - against,
    ],
    evidence.row.length,
  );
  return row;
};

export const packSettled = ({ model, calibration, after }: SettledModels): { file: Buffer; sha256: string } => {
  const file = gzipSync(JSON.stringify({ model: toDocument(model), calibration, after }), { level: 9 });
  return { file, sha256: createHash('sha256').update(file).digest('hex') };
};

const load = (): (Omit<SettledModels, 'model'> & { scorer: Scorer }) | null => {
  const folder = path.join(__dirname, 'weights');
  const { settledSha256 } = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as { settledSha256?: string };
  if (!settledSha256 || !existsSync(path.join(folder, 'settled.bin'))) return null;
  const file = readFileSync(path.join(folder, 'settled.bin'));
  if (createHash('sha256').update(file).digest('hex') !== settledSha256)
    throw new Error('The weights of the settled confidence were changed: their hash does not fit the manifest');
  const { model, ...curves } = JSON.parse(gunzipSync(file).toString('utf8')) as { model: ModelDocument; calibration: Curve; after: Curve };
  return { scorer: new Scorer(fromDocument(model)), ...curves };
};

let loaded: ReturnType<typeof load> | undefined;

/** Calibrated probability that the chosen reading is right; undefined where no weights for it are shipped. */
export const settledConfidence = (evidence: Evidence, rivals: readonly Rival[], chosen: number): number | undefined => {
  loaded ??= load();
  const row = settledRow(evidence, rivals, chosen);
  if (loaded?.scorer.model.featureNames.length !== row.length) return undefined;
  return calibrate(loaded.after, calibrate(loaded.calibration, loaded.scorer.predict(row)[1]!) * evidence.doubt);
};
