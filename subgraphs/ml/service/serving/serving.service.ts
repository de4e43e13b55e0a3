import { setImmediate } from 'node:timers/promises';

import type { Caller } from '#platform/auth';
import { json, type Database } from '#platform/db';
import { errors, readInput } from '#platform/errors';

import type { RegistryStore, StoredModel, StoredVersion } from '../../store/registry.store';
import type { MlTables } from '../../store/rows';
import type { ModelDocument } from '../algorithms/model-document';
import { scorerFor, type ModelScorer } from '../algorithms/score';
import type { Prediction, Row } from '../algorithms/prediction';
import { policy } from '../policy';
import type { TrainingData } from '../ports';

import { checkRow } from './check-row';
import { chooseVersion, type Choice } from './choose';
import { compareServed, type ServedSummary } from './compare';
import { microBatched } from './micro-batch';
import type { ModelDirectory, ServedModel } from './model-directory';
import type { PredictionLog } from './prediction-log';
import { batchRules, deployRules, predictRules, type Deployment } from './rules';

export interface Served extends Prediction {
  readonly modelId: string;
  readonly modelVersion: string;
  readonly latencyMs: number;
}

export interface Loaded {
  readonly document: ModelDocument;
  readonly scorer: ModelScorer;
}

export interface Answered extends Loaded {
  readonly model: StoredModel;
  readonly version: number;
  readonly predictions: readonly Prediction[];
  readonly latencyMs: number;
}

interface Asked {
  readonly model: ServedModel;
  readonly rows: readonly Row[];
  readonly explain: boolean;
}

/** Predictions that are remembered for drift and comparison, of each request at most. */
const remembered = 20;
/** Rows of a batch that are scored before others of this process have their turn. */
const turn = 2_000;
const maxWarm = 100;

/** Answers with models: the version that a deployment, an alias or the caller names. Scorers stay warm. */
export class ServingService {
  private readonly warm = new Map<string, Promise<Loaded>>();

  constructor(
    private readonly parts: {
      readonly db: Database<MlTables>;
      readonly store: RegistryStore;
      readonly data: TrainingData;
      readonly directory: ModelDirectory;
      readonly log: PredictionLog;
    },
  ) {}

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
    if (needsCandidate && wanted.candidateVersion === wanted.version)
      throw errors.INVALID_REQUEST(
        { what: 'candidate_version', hint: `version ${wanted.version} answers already; name another` },
        { field: 'candidate_version' },
      );
    const share = wanted.strategy === 'shadow' ? 0 : (wanted.trafficShare ?? (wanted.strategy === 'ab_test' ? 0.5 : 0.1));
    const deployment: Deployment = {
      strategy: wanted.strategy,
      version: wanted.version,
      candidateVersion: needsCandidate ? wanted.candidateVersion! : null,
      trafficShare: share,
      batchWindowMs: wanted.batchWindowMs ?? 0,
    };
    // Opened now: a version that is not there or cannot be opened is no deployment, and the first request finds both warm.
    for (const version of [deployment.version, deployment.candidateVersion])
      if (version !== null) await this.load(caller, { ...model, deployment }, version);
    const stored = await this.parts.db.inTenant(caller.tenantId, (tx) =>
      this.parts.store.updateModel(tx, { tenantId: caller.tenantId, id: model.id }, { deployment: json(deployment) }),
    );
    this.parts.directory.forget(caller.tenantId);
    return stored!;
  }

  async predict(caller: Caller, input: unknown): Promise<Served[]> {
    policy.require(caller, 'model:predict');
    const { features, alias, stickyKey, ...named } = readInput(predictRules, input);
    const { modelId, version } = await this.named(caller, named);
    const rows = Array.isArray(features) ? features : [features];
    // A list is for its predictions; the answer explains the first alone.
    const answered = await this.answer(caller, { modelId, version, alias, stickyKey, rows, explain: rows.length === 1 });
    const { latencyMs, model, version: number } = answered;
    return answered.predictions.map((prediction) => ({ modelId: model.id, modelVersion: String(number), latencyMs, ...prediction }));
  }

  /** Predictions of rows by the version that answers; remembered for drift and comparison. */
  async answer(
    caller: Caller,
    {
      modelId,
      rows,
      explain = false,
      ...wish
    }: {
      readonly modelId: string;
      readonly rows: readonly Row[];
      readonly explain?: boolean;
      readonly version?: number | null;
      readonly alias?: string | null;
      readonly stickyKey?: string | null;
    },
  ): Promise<Answered> {
    policy.require(caller, 'model:predict');
    const model = await this.model(caller, modelId);
    const asked = { model, rows, explain };
    const choice = chooseVersion(model, wish);
    const answered = await this.byChoice(caller, asked, choice);
    // After the answer, and whatever becomes of it: nobody waits for a shadow.
    if (choice.shadow !== null) void this.score(caller, asked, { version: choice.shadow, role: 'shadow' }).catch(() => undefined);
    return answered;
  }

  /** A query in, a table out: the query's columns and the prediction beside them. */
  async batch(
    caller: Caller,
    input: unknown,
    signal?: AbortSignal,
  ): Promise<{ columns: string[]; rows: unknown[][]; rowCount: number; modelVersion: string; truncated: boolean }> {
    policy.require(caller, 'model:predict');
    const { sourceId, query, maxRows, ...named } = readInput(batchRules, input);
    const { modelId, version } = await this.named(caller, named);
    const model = await this.model(caller, modelId);
    const chosen = chooseVersion(model, { version });
    const { document, scorer } = await this.load(caller, model, chosen.version);
    const read = await this.parts.data.read(caller, { sql: query, sourceId, maxRows: maxRows ?? 10_000 }, signal);
    const names = read.columns.map(({ name }) => name);
    const rows: unknown[][] = [];
    for (let from = 0; from < read.rows.length; from += turn) {
      signal?.throwIfAborted();
      const part = read.rows.slice(from, from + turn);
      const asked = part.map((row) => Object.fromEntries(names.map((name, place) => [name, row[place]])));
      asked.forEach((row) => checkRow(document, row));
      const predictions = await scorer.predict(asked, { explain: false });
      part.forEach((row, place) => rows.push([...row, predictions[place]!.prediction, predictions[place]!.probability]));
      await setImmediate();
    }
    return {
      columns: [...names, 'prediction', 'probability'],
      rows,
      rowCount: rows.length,
      modelVersion: String(chosen.version),
      truncated: read.truncated,
    };
  }

  /** How the versions of a deployment compare on what they were asked. */
  async comparison(caller: Caller, modelId: string): Promise<ServedSummary[]> {
    policy.require(caller, 'model:read');
    const model = await this.model(caller, modelId);
    await this.parts.log.flush();
    const { tenantId } = caller;
    return compareServed(await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.predictions(tx, tenantId, model.id)));
  }

  /** The document and scorer that requests without a version get, and all versions that can be asked; for the inference protocol. */
  async serving(
    caller: Caller,
    modelId: string,
    version?: number | null,
  ): Promise<Loaded & { readonly model: ServedModel; readonly version: number; readonly versions: readonly number[] }> {
    policy.require(caller, 'model:predict');
    const model = await this.model(caller, modelId);
    const chosen = chooseVersion(model, { version });
    return { ...(await this.load(caller, model, chosen.version)), model, version: chosen.version, versions: model.versions };
  }

  private async byChoice(caller: Caller, asked: Asked, { version, role, fallback }: Choice): Promise<Answered> {
    try {
      return await this.score(caller, asked, { version, role });
    } catch (error) {
      if (fallback === null) throw error;
      // A candidate on trial must not cost anyone an answer; that it failed is remembered.
      return this.score(caller, asked, { version: fallback, role: 'primary' });
    }
  }

  private async score(
    caller: Caller,
    { model, rows, explain }: Asked,
    { version, role }: { readonly version: number; readonly role: Choice['role'] | 'shadow' },
  ): Promise<Answered> {
    const started = performance.now();
    const about = { tenantId: caller.tenantId, modelId: model.id, version, role, madeAt: new Date() };
    const note = (predictions: readonly Prediction[] | null): void =>
      this.parts.log.add(
        rows.slice(0, remembered).map((features, place) => ({
          features,
          prediction: predictions?.[place]?.prediction ?? null,
          latencyMs: performance.now() - started,
          ...about,
        })),
      );
    try {
      const loaded = await this.load(caller, model, version);
      rows.forEach((row) => checkRow(loaded.document, row));
      const predictions = await loaded.scorer.predict(rows, { explain });
      note(predictions);
      return { model, version, predictions, latencyMs: performance.now() - started, ...loaded };
    } catch (error) {
      if (role === 'shadow' || role === 'candidate') note(null);
      throw error;
    }
  }

  /** An artifact's id, `mdl-…/v2`, is its model and version. */
  private async named(
    caller: Caller,
    { modelId, version }: { readonly modelId: string; readonly version?: number | null | undefined },
  ): Promise<{ modelId: string; version?: number | null | undefined }> {
    const [, model, number] = /^(.+)\/v(\d+)$/.exec(modelId) ?? [];
    if (version != null || !model || (await this.parts.directory.find(caller.tenantId, modelId))) return { modelId, version };
    return { modelId: model, version: Number(number) };
  }

  private async model(caller: Caller, id: string): Promise<ServedModel> {
    const found = await this.parts.directory.find(caller.tenantId, id);
    if (!found) throw errors.NOT_FOUND({ kind: 'model' }, { field: 'model_id' });
    return found;
  }

  private async versionOf(caller: Caller, modelId: string, version: number): Promise<StoredVersion> {
    const { tenantId } = caller;
    const found = await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.version(tx, { tenantId, modelId, version }));
    if (!found) throw errors.NOT_FOUND({ kind: 'model version' });
    return found;
  }

  /** A version never changes, so what is loaded stays right. The one asked for longest ago goes first. */
  private load(caller: Caller, { id, deployment }: Pick<ServedModel, 'id' | 'deployment'>, version: number): Promise<Loaded> {
    const windowMs = (deployment as Deployment | null)?.batchWindowMs ?? 0;
    const key = `${caller.tenantId}/${id}/${version}/${windowMs}`;
    const known = this.warm.get(key);
    if (known) {
      this.warm.delete(key);
      this.warm.set(key, known);
      return known;
    }
    const loading = this.versionOf(caller, id, version).then(({ document }) => open(document as ModelDocument, windowMs));
    loading.catch(() => this.warm.delete(key));
    this.warm.set(key, loading);
    if (this.warm.size > maxWarm) this.warm.delete(this.warm.keys().next().value!);
    return loading;
  }
}

/** Our own scorers answer faster than any batch fills; a runtime's calls have a price of their own. */
function open(document: ModelDocument, windowMs: number): Loaded {
  const scorer = scorerFor(document);
  const isRuntime = document.kind === 'onnx' || document.kind === 'xgboost';
  return { document, scorer: isRuntime || windowMs > 0 ? microBatched(scorer, { windowMs }) : scorer };
}
