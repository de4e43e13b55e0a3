import { json } from '#platform/db';

import type { MlTables } from '../../subgraphs/ml/store/rows';
import { caller } from '../kit/caller';
import { until } from '../kit/until';

import { toJob } from '../../subgraphs/ml/resolvers/present';

import { ended, housesInput, mlWorld, type MlWorld } from './world';

let world: MlWorld;
beforeAll(async () => {
  world = await mlWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const request = { name: 'price', taskType: 'regression', targetColumn: 'price', ...housesInput };
const held = () => {
  let open: () => void = () => undefined;
  world.data.gate = new Promise((resolve) => (open = resolve));
  return open;
};

describe('a training job', () => {
  it('goes from submitted over running to completed, with a version and its lineage', async () => {
    const me = caller();
    const { training, registry } = world.ml.services;
    const open = held();
    const job = await training.submit(me, request);
    expect(job.status).toBe('submitted');
    await until(async () => (await training.find(me, job.id)).status === 'running');
    open();
    const done = await ended(world.ml, me, job.id);
    expect(done).toMatchObject({ status: 'completed', version: 1, progress: 1, error: null });
    const version = await registry.version(me, done.model_id!, 1);
    expect(version.lineage).toMatchObject({ query: 'houses', dataVersion: 'v1', rowCount: 300, jobId: job.id });
    expect((version.lineage as { dataHash: string }).dataHash).toMatch(/^[0-9a-f]{64}$/);
    const again = await world.train(me, { name: 'price' });
    const second = await registry.version(me, again.modelId, again.version);
    expect(again.version).toBe(2);
    expect(second.document).toEqual(version.document);
    expect(second.lineage).toMatchObject({ dataHash: (version.lineage as { dataHash: string }).dataHash });
  });

  it('calls classes that are true and false by these names', async () => {
    const me = caller();
    const { modelId } = await world.train(me, {
      taskType: 'classification',
      targetColumn: 'new',
      dataset: { sourceId: 'src', query: 'houses' },
    });
    const [made] = await world.ml.services.serving.predict(me, { modelId, features: { size: 50, age: 2, town: 'north' } });
    expect(made).toMatchObject({ prediction: 'true', probability: expect.any(Number) });
  });

  it('is cancelled while it waits for data, registers nothing, and tells who follows it', async () => {
    const me = caller();
    const { training, registry } = world.ml.services;
    const open = held();
    const { id } = await training.submit(me, request);
    await until(async () => (await training.find(me, id)).status === 'running');
    const seen: string[] = [];
    const following = (async () => {
      for await (const { status } of training.follow(me, { jobId: id, signal: new AbortController().signal })) seen.push(status);
    })();
    expect((await training.cancel(me, id)).status).toBe('cancelled');
    open();
    await following;
    expect(seen.at(-1)).toBe('cancelled');
    // A later job has the queue's only place once the cancelled one has let go of it.
    await world.train(me, { name: 'other' });
    expect((await training.find(me, id)).status).toBe('cancelled');
    expect((await registry.list(me)).map(({ name }) => name)).toEqual(['other']);
  });

  it('is cancelled in the middle of training, and before it began', async () => {
    const me = caller();
    const { training, registry } = world.ml.services;
    const long = { ...request, dataset: { sourceId: 'src', query: 'region' }, hyperparameters: { n_estimators: 5_000, max_depth: 12 } };
    const running = await training.submit(me, long);
    const waiting = await training.submit(me, long);
    await until(async () => (await world.jobs.status(me.tenantId, running.queue_job_id!))!.progress > 0);
    await training.cancel(me, waiting.id);
    await training.cancel(me, running.id);
    await until(async () => (await world.jobs.status(me.tenantId, running.queue_job_id!))!.state === 'cancelled');
    expect((await training.find(me, running.id)).status).toBe('cancelled');
    expect((await training.find(me, waiting.id)).status).toBe('cancelled');
    expect(await registry.list(me)).toEqual([]);
  });

  it('fails with a message that names what is wrong', async () => {
    const me = caller();
    const { id } = await world.ml.services.training.submit(me, { ...request, targetColumn: 'prize' });
    expect(await ended(world.ml, me, id)).toMatchObject({ status: 'failed', error: expect.stringMatching(/did you mean price/) });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['an algorithm', { algorithm: 'gradient_bosting' }, /did you mean gradient_boosting\?/],
    ['a hyperparameter', { hyperparameters: { n_estimatores: 5 } }, /did you mean n_estimators\?/],
    ['a value', { hyperparameters: { n_estimators: -1 } }, /n_estimators/],
    ['an algorithm of another task', { algorithm: 'kmeans' }, /does not do regression/],
    ['a target', { targetColumn: null }, /targetColumn is not valid: regression needs the column to predict/],
    ['features', { featureColumns: [] }, /name at least one, or leave it out/],
    ['a split by time without its column', { split: { strategy: 'time' } }, /split\.timeColumn is not valid: a split by time needs it\.$/],
    ['a split by group without its column', { split: { strategy: 'group' } }, /split\.groupColumn is not valid/],
  ])('is refused at once for %s that does not fit', async (_what, change, message) => {
    const me = caller();
    const { training, tuning } = world.ml.services;
    await expect(training.submit(me, { ...request, ...change })).rejects.toThrow(message);
    await expect(tuning.submit(me, { ...request, ...change, space: { max_iter: { values: [9] } } })).rejects.toThrow(/./);
    expect((await training.list(me, { first: 10 })).nodes).toEqual([]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['source', { dataset: { sourceId: 'gone', query: 'houses' } }],
    ['feature set', { dataset: null, featureSet: 'feat-unknown' }],
    ['experiment', { experimentId: 'exp-unknown' }],
  ])('is NOT_FOUND at once for a %s that is not there, and so is a search; nothing is queued', async (kind, change) => {
    const me = caller();
    const { training, tuning } = world.ml.services;
    const space = { n_estimators: { values: [5] } };
    for (const refused of [training.submit(me, { ...request, ...change }), tuning.submit(me, { ...request, ...change, space })]) {
      await expect(refused).rejects.toHaveCode('NOT_FOUND');
      await expect(refused).rejects.toThrow(new RegExp(kind));
    }
    expect((await training.list(me, { first: 10 })).nodes).toEqual([]);
  });

  it('does not learn from a feature set or into an experiment of another tenant', async () => {
    const [me, other] = [caller(), caller()];
    const { experiments, training } = world.ml.services;
    const { id: experimentId } = await experiments.create(other, { name: 'theirs' });
    await expect(training.submit(me, { ...request, experimentId })).rejects.toHaveCode('NOT_FOUND');
    expect((await training.submit(other, { ...request, experimentId })).status).toBe('submitted');
  });

  it('keeps a log of what happened, with times in order', async () => {
    const me = caller();
    const { jobId } = await world.train(me, { hyperparameters: { n_estimators: 50 } });
    const log = (await world.ml.services.training.find(me, jobId)).log as { time: string; message: string }[];
    const said = log.map(({ message }) => message);
    expect(said.slice(0, 4)).toEqual([
      'submitted',
      'begun',
      'read 300 rows of 7 columns by query q-houses',
      'training gradient_boosting on 3 features of 300 rows',
    ]);
    expect(said.at(-1)).toBe('completed: house price version 1');
    expect([...log].sort((a, b) => Date.parse(a.time) - Date.parse(b.time))).toEqual(log);
    const failed = await world.ml.services.training.submit(me, { ...request, targetColumn: 'prize' });
    const { log: why } = await ended(world.ml, me, failed.id);
    expect((why as { message: string }[]).at(-1)!.message).toMatch(/^failed: .*did you mean price/);
  });

  it('is told how long it may take by the last trainings of the model, before that by its size, and not where nothing tells', async () => {
    const me = caller();
    const { training } = world.ml.services;
    const open = held();
    const first = await training.submit(me, request);
    expect(toJob(first).estimatedDurationMinutes).toBeNull();
    open();
    const done = await ended(world.ml, me, first.id);
    expect(done.estimated_seconds).toBeGreaterThan(0);
    expect(toJob(done)).toMatchObject({ estimatedDurationMinutes: null, durationSeconds: expect.any(Number) });
    const again = toJob(await training.submit(me, request));
    expect(again.estimatedDurationMinutes).toBe(Number((toJob(done).durationSeconds! / 60).toPrecision(2)));
    expect(toJob(await training.submit(me, { ...request, algorithm: 'ridge' })).estimatedDurationMinutes).toBeNull();
  });

  it('is trained once when its process ends in the middle and another takes over', async () => {
    const me = caller();
    const { id } = await world.ml.services.training.submit(me, { ...request, hyperparameters: { n_estimators: 600 } });
    await until(async () => (await world.ml.services.training.find(me, id)).status === 'running');
    const ml = await world.restart();
    expect(await ended(ml, me, id)).toMatchObject({ status: 'completed', version: 1 });
    const [model] = await ml.services.registry.list(me);
    expect(model!.versions).toHaveLength(1);
  });

  it('is not there for another tenant, and needs an analyst', async () => {
    const me = caller();
    const { training } = world.ml.services;
    const { jobId, modelId } = await world.train(me, {});
    const other = caller();
    await expect(training.find(other, jobId)).rejects.toHaveCode('NOT_FOUND');
    await expect(training.cancel(other, jobId)).rejects.toHaveCode('NOT_FOUND');
    await expect(world.ml.services.registry.find(other, modelId)).rejects.toHaveCode('NOT_FOUND');
    await expect(world.ml.services.serving.predict(other, { modelId, features: {} })).rejects.toHaveCode('NOT_FOUND');
    await expect(world.ml.services.drift.drift(other, modelId)).rejects.toHaveCode('NOT_FOUND');
    await expect(training.submit({ ...me, roles: ['viewer'] }, request)).rejects.toHaveCode('FORBIDDEN');
  });
});

describe('tuning', () => {
  const tune = (input: object) => ({ ...request, name: 'tuned', space: { n_estimators: { values: [1, 60] } }, ...input });
  const done = (me: ReturnType<typeof caller>, id: string) =>
    until(
      async () => {
        const job = await world.ml.services.tuning.find(me, id);
        return job.ended_at ? job : null;
      },
      { withinMs: 150_000, everyMs: 25 },
    );
  const scores = (job: { log: unknown }) => (job.log as { score: number | null }[]).map(({ score }) => score!);

  it.each([
    ['grid', { strategy: 'grid' }, 2],
    ['random', { strategy: 'random', maxTrials: 3, space: { n_estimators: { min: 1, max: 60, integer: true } } }, 3],
    ['halving', { strategy: 'halving', maxTrials: 9, space: { n_estimators: { min: 1, max: 60, integer: true } } }, 13],
    ['bayesian', { strategy: 'bayesian', maxTrials: 10, space: { n_estimators: { min: 1, max: 40, integer: true } } }, 10],
  ])('by %s finds better than the worst and trains the best', async (_name, input, trials) => {
    const me = caller();
    const { id } = await world.ml.services.tuning.submit(me, tune(input));
    const job = await done(me, id);
    expect(job).toMatchObject({ status: 'completed', error: null });
    expect(scores(job)).toHaveLength(trials);
    const { best, trainingJobId } = job.result as { best: { score: number }; trainingJobId: string };
    expect(best.score).toBe(Math.max(...scores(job)));
    expect(best.score).toBeGreaterThan(Math.min(...scores(job)));
    expect(await ended(world.ml, me, trainingJobId)).toMatchObject({ status: 'completed', sweep_id: id });
    const { training } = world.ml.services;
    for (const { jobId, score } of job.log as { jobId: string; score: number }[]) {
      const trial = await training.find(me, jobId);
      expect(toJob(trial).log.map(({ message }) => message)).toEqual(['begun as a trial of a search', 'completed']);
      expect(trial).toMatchObject({ kind: 'trial', status: 'completed', sweep_id: id, metrics: { rmse: -score } });
    }
  });

  it('measures its trials on rows that do not measure the final model', async () => {
    const me = caller();
    const { id } = await world.ml.services.tuning.submit(me, tune({ strategy: 'grid', space: { n_estimators: { values: [30] } } }));
    const { result } = await done(me, id);
    const { best, trainingJobId } = result as { best: { metrics: Record<string, number> }; trainingJobId: string };
    const trained = await ended(world.ml, me, trainingJobId);
    expect(trained.metrics).not.toEqual(best.metrics);
    const version = await world.ml.services.registry.version(me, trained.model_id!, 1);
    expect(version.details).toMatchObject({ rows: { train: 240, test: 60 } });
  });

  it('goes by the metric that is asked for', async () => {
    const me = caller();
    const { tuning } = world.ml.services;
    const wanted = tune({ taskType: 'classification', targetColumn: 'sold', strategy: 'grid', metric: 'log_loss' });
    const job = await done(me, (await tuning.submit(me, wanted)).id);
    const trials = job.log as { score: number; metrics: Record<string, number> }[];
    for (const { score, metrics } of trials) expect(score).toBe(-metrics.log_loss!);
    await expect(tuning.submit(me, { ...wanted, metric: 'rmse' })).rejects.toThrow(/one of auc_roc, f1_score/);
    await expect(tuning.submit(me, { ...wanted, taskType: 'anomaly', algorithm: null })).rejects.toThrow(/task_type/);
  });

  it('is cancelled with the trial that it is at, and trains nothing more', async () => {
    const me = caller();
    const { tuning, training, registry } = world.ml.services;
    const long = tune({ dataset: { sourceId: 'src', query: 'region' }, strategy: 'random', hyperparameters: { max_depth: 12 }, space: { n_estimators: { min: 4_000, max: 5_000, integer: true } } }); // prettier-ignore
    const { id, queue_job_id: queued } = await tuning.submit(me, long);
    await until(async () => (await training.trials(me, id)).some(({ progress }) => progress > 0));
    expect((await tuning.cancel(me, id)).status).toBe('cancelled');
    await until(async () => (await world.jobs.status(me.tenantId, queued!))!.state === 'cancelled');
    await until(async () => (await training.trials(me, id)).every(({ status }) => status === 'cancelled'));
    expect(await registry.list(me)).toEqual([]);
    await expect(tuning.cancel(caller(), id)).rejects.toHaveCode('NOT_FOUND');
    await expect(tuning.cancel({ ...me, roles: ['viewer'] }, id)).rejects.toHaveCode('FORBIDDEN');
  });

  it('goes on with the next trial where one alone is cancelled', async () => {
    const me = caller();
    const { tuning, training } = world.ml.services;
    const { id } = await tuning.submit(me, tune({ dataset: { sourceId: 'src', query: 'region' }, strategy: 'grid', hyperparameters: { max_depth: 12 }, space: { n_estimators: { values: [5_000, 2] } } })); // prettier-ignore
    const [trial] = await until(async () => {
      const trials = await training.trials(me, id);
      return trials[0] && trials[0].progress > 0 ? trials : null;
    });
    await training.cancel(me, trial!.id);
    const job = await done(me, id);
    expect(job.status).toBe('completed');
    expect(job.log).toMatchObject([
      { score: null, error: 'it was cancelled' },
      { score: expect.any(Number), error: null },
    ]);
  });

  it('goes on with the trials that are known after a restart', async () => {
    const me = caller();
    const { id } = await world.ml.services.tuning.submit(
      me,
      tune({ strategy: 'grid', space: { n_estimators: { values: [2, 30, 31, 32] } } }),
    );
    await until(async () => scores(await world.ml.services.tuning.find(me, id)).length >= 1);
    const reads = world.data.reads;
    await world.restart();
    const job = await done(me, id);
    expect((job.log as { number: number }[]).map(({ number }) => number)).toEqual([0, 1, 2, 3]);
    // Once for the trials that were left and once for the training itself, which the process that ended may have begun too: not once a trial.
    expect(world.data.reads - reads).toBeLessThanOrEqual(3);
  });

  it('ends the trial that its process left behind, and says what became of it', async () => {
    const me = caller();
    const { tuning, training } = world.ml.services;
    // Nobody takes the search until another process begins, which finds what was left behind.
    await world.jobs.stop();
    const { id } = await tuning.submit(me, tune({ strategy: 'grid' }));
    const lost = { tenant_id: me.tenantId, id: 'train-lost', sweep_id: id, kind: 'trial', status: 'running', model_name: 'tuned', request: json({}), owner: json(me), log: json([]), result: json(null), metrics: json(null) }; // prettier-ignore
    await world.db.withTables<MlTables>().inTenant(me.tenantId, (tx) => tx.insertInto('ml_jobs').values(lost).execute());
    await world.restart();
    expect((await done(me, id)).status).toBe('completed');
    expect(await training.find(me, 'train-lost')).toMatchObject({
      status: 'cancelled',
      error: 'its process ended; the search tried it again',
    });
  });

  it('searches on a feature set as on a dataset', async () => {
    const me = caller();
    const { features, tuning } = world.ml.services;
    const set = { name: 'set', sourceId: 'src', query: 'houses', entityColumn: 'town', eventTimeColumn: 'age', features: ['size'] };
    await expect(tuning.submit(me, tune({ featureSet: 'feat-x' }))).rejects.toThrow(/either a dataset or a feature_set/);
    const { id: featureSet } = await features.create(me, set);
    const wanted = tune({ dataset: null, featureSet, featureColumns: ['size'] });
    expect(await done(me, (await tuning.submit(me, wanted)).id)).toMatchObject({ status: 'completed', error: null });
  });

  it.each<[unknown, RegExp]>([
    [{ n_estimators: 5 }, /space\.n_estimators is not valid: it must be \{values: \[1, 2\]\}, numbers or texts, or \{min: 1, max: 9\}/],
    [{ n_estimators: { min: 9, max: 1 } }, /max must exceed min/],
    [{ n_estimators: { values: [true] } }, /numbers or texts/],
    [{}, /name at least one hyperparameter/],
  ])('says what would be right where the space is %j', async (space, message) => {
    await expect(world.ml.services.tuning.submit(caller(), tune({ space }))).rejects.toThrow(message);
  });

  it('refuses a hyperparameter that the algorithm does not take', async () => {
    const wrong = tune({ space: { learning_rat: { values: [0.1] } } });
    await expect(world.ml.services.tuning.submit(caller(), wrong)).rejects.toThrow(
      /space\.learning_rat is not valid: did you mean learning_rate\?$/,
    );
  });
});
