import { createHash } from 'node:crypto';

import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { json, newId, type Database } from '#platform/db';
import { errors } from '#platform/errors';

import type { RegistryStore, StoredModel, StoredVersion } from '../../store/registry.store';
import type { MlTables } from '../../store/rows';
import type { ModelDocument } from '../algorithms/model-document';
import { scorerFor, type ModelScorer, type Prediction, type Row } from '../algorithms/score';
import { policy } from '../policy';
import type { TrainingData } from '../ports';
import { readInput } from '../read-input';

import { checkRow } from './check-row';

const deployRules = z.object({
  modelId: z.string(),
  strategy: z.enum(['direct', 'canary', 'shadow', 'ab_test']),
  version: z.number().int(),
  candidateVersion: z.number().int().nullish(),
  /** Share of requests for the candidate. */
  trafficShare: z.number().min(0).max(1).nullish(),
});
const featureRow = z.record(z.string().max(200), z.unknown());
const predictRules = z.object({
  modelId: z.string(),
  version: z.number().int().nullish(),
  alias: z.string().nullish(),
  features: z.union([featureRow, z.array(featureRow).min(1).max(10_000)]),
  /** Keeps a user or device on one side of a test. */
  stickyKey: z.string().max(200).nullish(),
});
const batchRules = z.object({
  modelId: z.string(),
  version: z.number().int().nullish(),
  sourceId: z.string(),
  query: z.string().min(1).max(100_000),
  maxRows: z.number().int().min(1).max(100_000).nullish(),
});

interface Deployment {
  readonly strategy: 'direct' | 'canary' | 'shadow' | 'ab_test';
  readonly version: number;
  readonly candidateVersion: number | null;
  readonly trafficShare: number;
}

export interface Served extends Prediction {
  readonly modelId: string;
  readonly modelVersion: string;
  readonly latencyMs: number;
}

interface Loaded {
  readonly document: ModelDocument;
  readonly scorer: ModelScorer;
}

/** Predictions that are remembered for drift and comparison, of each request at most. */
const remembered = 20;

/** Answers with models: the version that a deployment, an alias or the caller names. Scorers stay warm. */
export class ServingService {
  private readonly warm = new Map<string, Promise<Loaded>>();

  constructor(private readonly parts: { readonly db: Database<MlTables>; readonly store: RegistryStore; readonly data: TrainingData }) {}

  async deploy(caller: Caller, input: unknown): Promise<StoredModel> {
    policy.require(caller, 'model:manage');
    const wanted = readInput(deployRules, input);
    const model = await this.model(caller, wanted.modelId);
    const needsCandidate = wanted.strategy !== 'direct';
    if (needsCandidate && wanted.candidateVersion == null)
      throw errors.INVALID_REQUEST(
        { what: 'candidate_version', hint: `${wanted.strategy} compares two versions` },
        { field: 'candidate_version' },
      );
    for (const version of [wanted.version, ...(wanted.candidateVersion != null ? [wanted.candidateVersion] : [])])
      await this.versionOf(caller, model.id, version);
    const share = wanted.strategy === 'shadow' ? 0 : (wanted.trafficShare ?? (wanted.strategy === 'ab_test' ? 0.5 : 0.1));
    const deployment: Deployment = {
      strategy: wanted.strategy,
      version: wanted.version,
      candidateVersion: wanted.candidateVersion ?? null,
      trafficShare: share,
    };
    return (await this.parts.db.inTenant(caller.tenantId, (tx) =>
      this.parts.store.updateModel(tx, { tenantId: caller.tenantId, id: model.id }, { deployment: json(deployment) }),
    ))!;
  }

  async predict(caller: Caller, input: unknown): Promise<Served[]> {
    policy.require(caller, 'model:predict');
    const started = performance.now();
    const { modelId, version, alias, features, stickyKey } = readInput(predictRules, input);
    const model = await this.model(caller, modelId);
    const rows = Array.isArray(features) ? features : [features];
    const chosen = this.choose(model, { version, alias, stickyKey });
    const loaded = await this.load(caller, model.id, chosen.version);
    rows.forEach((row) => checkRow(loaded.document, row));
    const predictions = await loaded.scorer.predict(rows);
    const latencyMs = performance.now() - started;
    const entries = [{ version: chosen.version, role: chosen.role, predictions }];
    if (chosen.shadow != null)
      entries.push({
        version: chosen.shadow,
        role: 'shadow',
        predictions: await (await this.load(caller, model.id, chosen.shadow)).scorer.predict(rows),
      });
    await this.remember(caller, { modelId: model.id, rows, entries, latencyMs });
    return predictions.map((prediction) => ({ ...prediction, modelId: model.id, modelVersion: String(chosen.version), latencyMs }));
  }

  /** A query in, a table out: the query's columns and the prediction beside them. */
  async batch(
    caller: Caller,
    input: unknown,
    signal?: AbortSignal,
  ): Promise<{ columns: string[]; rows: unknown[][]; rowCount: number; modelVersion: string; truncated: boolean }> {
    policy.require(caller, 'model:predict');
    const { modelId, version, sourceId, query, maxRows } = readInput(batchRules, input);
    const model = await this.model(caller, modelId);
    const chosen = this.choose(model, { version });
    const { document, scorer } = await this.load(caller, model.id, chosen.version);
    const read = await this.parts.data.read(caller, { sql: query, sourceId, maxRows: maxRows ?? 10_000 }, signal);
    const names = read.columns.map(({ name }) => name);
    const rows = read.rows.map((row) => Object.fromEntries(names.map((name, place) => [name, row[place]])));
    rows.forEach((row) => checkRow(document, row));
    const predictions = await scorer.predict(rows);
    const table = read.rows.map((row, place) => [...row, predictions[place]!.prediction, predictions[place]!.probability]);
    return {
      columns: [...names, 'prediction', 'probability'],
      rows: table,
      rowCount: table.length,
      modelVersion: String(chosen.version),
      truncated: read.truncated,
    };
  }

  /** How the versions of a deployment compare on what they were asked. */
  async comparison(
    caller: Caller,
    modelId: string,
  ): Promise<{ version: number; role: string; requests: number; meanLatencyMs: number; meanPrediction: number | null }[]> {
    policy.require(caller, 'model:read');
    const model = await this.model(caller, modelId);
    const rows = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.predictions(tx, caller.tenantId, model.id));
    const groups = new Map<string, typeof rows>();
    for (const row of rows) groups.set(`${row.version}/${row.role}`, [...(groups.get(`${row.version}/${row.role}`) ?? []), row]);
    return [...groups.values()].map((group) => {
      const numbers = group.map(({ prediction }) => Number(prediction)).filter(Number.isFinite);
      const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
      return {
        version: group[0]!.version,
        role: group[0]!.role,
        requests: group.length,
        meanLatencyMs: mean(group.map(({ latency_ms }) => latency_ms)),
        meanPrediction: numbers.length > 0 ? mean(numbers) : null,
      };
    });
  }

  /** The document and scorer that requests without a version get; for the inference protocol. */
  async serving(
    caller: Caller,
    modelId: string,
    version?: number | null,
  ): Promise<Loaded & { readonly model: StoredModel; readonly version: number }> {
    policy.require(caller, 'model:predict');
    const model = await this.model(caller, modelId);
    const chosen = this.choose(model, { version });
    return { ...(await this.load(caller, model.id, chosen.version)), model, version: chosen.version };
  }

  private choose(
    model: StoredModel & { readonly latest?: number },
    wish: { version?: number | null; alias?: string | null; stickyKey?: string | null },
  ): { version: number; role: string; shadow: number | null } {
    if (wish.version != null) return { version: wish.version, role: 'named', shadow: null };
    if (wish.alias) {
      const named = (model.aliases as Record<string, number>)[wish.alias];
      if (named === undefined)
        throw errors.NOT_FOUND({ kind: `alias of this model; known are ${Object.keys(model.aliases as object).join(', ') || 'none'}` });
      return { version: named, role: 'named', shadow: null };
    }
    const deployment = model.deployment as Deployment | null;
    if (!deployment) return { version: model.latest ?? 1, role: 'latest', shadow: null };
    if (deployment.candidateVersion === null) return { version: deployment.version, role: 'primary', shadow: null };
    if (deployment.strategy === 'shadow') return { version: deployment.version, role: 'primary', shadow: deployment.candidateVersion };
    const toCandidate = shareOf(wish.stickyKey ?? newId('req'), model.id) < deployment.trafficShare;
    return {
      version: toCandidate ? deployment.candidateVersion : deployment.version,
      role: toCandidate ? 'candidate' : 'primary',
      shadow: null,
    };
  }

  private async model(caller: Caller, id: string): Promise<StoredModel & { readonly latest: number }> {
    const { tenantId } = caller;
    const found = await this.parts.db.inTenant(tenantId, async (tx) => {
      const model = await this.parts.store.model(tx, tenantId, id);
      if (!model) return null;
      const versions = await this.parts.store.versions(tx, tenantId, [model.id]);
      const production = versions.find(({ stage }) => stage === 'production');
      return { ...model, latest: (production ?? versions.find(({ stage }) => stage !== 'archived') ?? versions[0])?.version ?? 1 };
    });
    if (!found) throw errors.NOT_FOUND({ kind: 'model' }, { field: 'model_id' });
    return found;
  }

  private async versionOf(caller: Caller, modelId: string, version: number): Promise<StoredVersion> {
    const { tenantId } = caller;
    const found = await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.version(tx, { tenantId, modelId, version }));
    if (!found) throw errors.NOT_FOUND({ kind: 'model version' });
    return found;
  }

  /** A version never changes, so what is loaded stays right. */
  private load(caller: Caller, modelId: string, version: number): Promise<Loaded> {
    const key = `${caller.tenantId}/${modelId}/${version}`;
    const known = this.warm.get(key);
    if (known) return known;
    const loading = this.versionOf(caller, modelId, version).then(({ document }) => ({
      document: document as ModelDocument,
      scorer: scorerFor(document as ModelDocument),
    }));
    loading.catch(() => this.warm.delete(key));
    this.warm.set(key, loading);
    if (this.warm.size > 100) this.warm.delete(this.warm.keys().next().value!);
    return loading;
  }

  private async remember(
    caller: Caller,
    {
      modelId,
      rows,
      entries,
      latencyMs,
    }: {
      modelId: string;
      rows: readonly Row[];
      entries: readonly { version: number; role: string; predictions: readonly Prediction[] }[];
      latencyMs: number;
    },
  ): Promise<void> {
    const kept = entries.flatMap(({ version, role, predictions }) =>
      rows.slice(0, remembered).map((features, place) => ({
        tenant_id: caller.tenantId,
        id: newId('prd'),
        model_id: modelId,
        version,
        role,
        features: json(features),
        prediction: json(predictions[place]!.prediction),
        latency_ms: latencyMs,
      })),
    );
    await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.insertPredictions(tx, kept));
  }
}

/** The same key is always on the same side. */
const shareOf = (key: string, salt: string): number =>
  createHash('sha256').update(`${salt}:${key}`).digest().readUInt32BE(0) / 4_294_967_296;
