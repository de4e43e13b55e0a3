import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';

import type { RegistryStore } from '../store/registry.store';
import type { MlTables } from '../store/rows';

import { policy } from './policy';
import type { PredictionLog } from './serving/prediction-log';
import { sharesOf, type FeatureBaseline } from './training/baseline';

export interface FeatureDrift {
  readonly feature: string;
  /** Population stability index: under 0.1 steady, over 0.25 shifted. */
  readonly psi: number;
  /** Kolmogorov–Smirnov distance of the binned distributions; null for categories. */
  readonly ks: number | null;
  /** Chi-squared statistic; null for numbers. */
  readonly chiSquared: number | null;
  /** Too few: chance alone moves the index. */
  readonly level: 'steady' | 'moving' | 'shifted' | 'too_few';
}

/** A share of nothing would make the index infinite. */
const floor = 1e-4;

export function populationStability(expected: readonly number[], actual: readonly number[]): number {
  return expected.reduce((sum, share, place) => {
    const [e, a] = [Math.max(share, floor), Math.max(actual[place] ?? 0, floor)];
    return sum + (a - e) * Math.log(a / e);
  }, 0);
}

/** Compares what a model is asked with what it learned from. */
export class DriftService {
  constructor(private readonly parts: { readonly db: Database<MlTables>; readonly store: RegistryStore; readonly log: PredictionLog }) {}

  async drift(caller: Caller, modelId: string): Promise<{ modelId: string; version: number; requests: number; features: FeatureDrift[] }> {
    policy.require(caller, 'model:read');
    const { tenantId } = caller;
    await this.parts.log.flush();
    const { model, version, asked } = await this.parts.db.inTenant(tenantId, async (tx) => {
      const found = await this.parts.store.model(tx, tenantId, modelId);
      if (!found) throw errors.NOT_FOUND({ kind: 'model' });
      const predictions = await this.parts.store.predictions(tx, tenantId, found.id);
      const versions = await this.parts.store.versions(tx, tenantId, [found.id]);
      const served = versions.find((each) => each.version === predictions[0]?.version) ?? versions[0]!;
      return {
        model: found,
        version: served,
        asked: predictions.filter((each) => each.version === served.version && each.role !== 'shadow'),
      };
    });
    const baseline = version.baseline as Record<string, FeatureBaseline>;
    const features = Object.entries(baseline).map(([feature, learned]) =>
      compare(
        feature,
        learned,
        asked.map((each) => (each.features as Record<string, unknown>)[feature]),
      ),
    );
    return { modelId: model.id, version: version.version, requests: asked.length, features };
  }
}

function compare(feature: string, learned: FeatureBaseline, given: readonly unknown[]): FeatureDrift {
  const known = given.filter((value) => value !== null && value !== undefined);
  if (learned.kind === 'number') {
    const shares = sharesOf(known.map(Number).filter(Number.isFinite), learned.bounds);
    const psi = known.length === 0 ? 0 : populationStability(learned.shares, shares);
    let [sumExpected, sumActual, ks] = [0, 0, 0];
    learned.shares.forEach((share, place) => {
      sumExpected += share;
      sumActual += shares[place]!;
      ks = Math.max(ks, Math.abs(sumExpected - sumActual));
    });
    return { feature, psi, ks: known.length === 0 ? 0 : ks, chiSquared: null, level: levelOf(psi, known.length) };
  }
  const names = [...new Set([...Object.keys(learned.shares), ...known.map(String)])];
  const expected = names.map((name) => learned.shares[name] ?? 0);
  const actual = names.map((name) => known.filter((value) => String(value) === name).length / Math.max(1, known.length));
  const psi = known.length === 0 ? 0 : populationStability(expected, actual);
  const chiSquared = names.reduce(
    (sum, _, place) => sum + (known.length * (actual[place]! - expected[place]!) ** 2) / Math.max(expected[place]!, floor),
    0,
  );
  return { feature, psi, ks: null, chiSquared, level: levelOf(psi, known.length) };
}

/** Known values under which nothing is said. */
const enough = 50;

const levelOf = (psi: number, known: number): FeatureDrift['level'] =>
  known < enough ? 'too_few' : psi > 0.25 ? 'shifted' : psi > 0.1 ? 'moving' : 'steady';
