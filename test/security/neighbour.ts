import type { TestServer } from '../kit/server';
import { until } from '../kit/until';

const rows = Array.from(
  { length: 80 },
  (_, row) => `${row},${row % 7},${row % 2 === 0 ? 'yes' : 'no'},2024-01-${String((row % 28) + 1).padStart(2, '0')}`,
);
const csv = Buffer.from(`id,amount,paid,day\n${rows.join('\n')}\n`).toString('base64');
const anyId = /"([a-z]{2,6}-[0-9a-hjkmnp-tv-z]{26})"/g;

/** The ids of a tenant's things by the prefix that tells their kind. */
export type Settled = ReadonlyMap<string, string>;

/** Makes one of everything that has an id, as a tenant's administrator, and gives the ids: the latest of each prefix. */
export async function settle(server: TestServer, token: string): Promise<Settled> {
  const ids = new Map<string, string>();
  const run = async (document: string, input?: object): Promise<any> => {
    const { data, errors } = await server.graphql(document, { token, variables: { input } });
    if (errors) throw new Error(`${document}: ${JSON.stringify(errors)}`);
    for (const [, id] of JSON.stringify(data).matchAll(anyId)) ids.set(id!.slice(0, id!.indexOf('-')), id!);
    return Object.values(data as object)[0];
  };
  const mutate = (field: string, type: string, input: object, selection = 'id'): Promise<any> =>
    run(`mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`, input);

  const { id: sourceId } = await mutate('uploadSource', 'UploadSourceInput', { filename: 'payments.csv', contentBase64: csv });
  const { tables } = await run(`{ sourceSchema(sourceId: "${sourceId}") { tables { name } } }`);
  const query = `select id, amount, paid, day from ${tables[0].name}`;
  await mutate('putSemanticModel', 'PutSemanticModelInput', { sourceId, model: (await draft()).model }, 'sourceId');
  await mutate('createVerifiedQuery', 'CreateVerifiedQueryInput', { sourceId, question: 'all payments', sql: query });
  const { id: sessionId } = await mutate('createSession', 'CreateSessionInput', { title: 'ours', sourceId });
  await mutate('sendMessage', 'SendMessageInput', { sessionId, message: 'total amount by paid' }, 'messageId queryId');

  const { id: dashboardId } = await mutate('createDashboard', 'CreateDashboardInput', { name: 'ours' });
  const dataSource = { sql: query, sourceId };
  const { id: widgetId } = await mutate('addWidget', 'AddWidgetInput', { dashboardId, name: 'all', widgetType: 'TABLE', dataSource });
  await mutate('createDashboardLink', 'CreateDashboardLinkInput', { dashboardId });
  const condition = { operator: 'greater_than', threshold: 1 };
  const channels = [{ type: 'webhook', url: 'https://93.184.216.34/hook' }];
  await mutate('createAlert', 'CreateAlertInput', { name: 'ours', widgetId, condition, channels, schedule: '0 6 1 1 *' });
  const report = { cron: '0 6 1 1 *', format: 'PDF', recipients: ['a@example.com'] };
  await mutate('createSchedule', 'CreateScheduleInput', { dashboardId, ...report });

  const { id: agentId } = await mutate('createAgent', 'CreateAgentInput', { name: 'ours', sourceId });
  await mutate('createAgentTeam', 'CreateAgentTeamInput', { name: 'ours', mode: 'SEQUENTIAL', agentIds: [agentId] });
  await mutate('processMessage', 'ProcessMessageInput', { sessionId, agentId, message: 'total amount by paid' });
  const forecast = { sessionId, agentId, message: 'forecast the total amount by day for the next 8 weeks' };
  await mutate('processMessage', 'ProcessMessageInput', forecast, 'id status approvalId');

  const { id: documentId } = await mutate('addKnowledge', 'AddDocumentInput', {
    title: 'ours',
    content: 'Payments are made in the first week.',
  });
  const { id: reindexId } = await run('mutation { reindexSearch { id } }');
  await mutate('routeLlm', 'RouteLlmInput', { messages: [{ role: 'user', content: 'total amount' }] }, 'routingDecisionId');

  const { id: experimentId } = await mutate('createExperiment', 'CreateExperimentInput', { name: 'ours' });
  await mutate('recordRun', 'RecordRunInput', { experimentId });
  const features = { entityColumn: 'id', eventTimeColumn: 'day', features: ['amount'] };
  await mutate('createFeatureSet', 'CreateFeatureSetInput', { name: 'ours', sourceId, query, ...features });
  const dataset = { dataset: { sourceId, query }, targetColumn: 'paid', featureColumns: ['amount', 'id'], taskType: 'CLASSIFICATION' };
  const { id: jobId } = await mutate('trainModel', 'TrainModelInput', { name: 'ours', ...dataset });
  const { id: sweepId } = await mutate('tuneModel', 'TuneModelInput', {
    name: 'ours',
    ...dataset,
    space: { learning_rate: { values: [0.1, 0.2] } },
    maxTrials: 2,
  });
  await ended(`{ trainingJob(jobId: "${jobId}") { status modelId } }`);
  const { trainingJobId } = await ended(`{ tuningSweep(sweepId: "${sweepId}") { status trainingJobId } }`);
  // Nothing of it changes by itself afterwards. A sweep is over before the model with what it found is trained.
  await ended(`{ trainingJob(jobId: "${trainingJobId}") { status } }`);
  await ended(`{ reindexJob(id: "${reindexId}") { status } }`);
  await ended(`{ knowledgeDocument(id: "${documentId}") { status } }`);
  return ids;

  function ended(document: string): Promise<any> {
    const over = ['COMPLETED', 'FAILED', 'READY'];
    const settled = async (): Promise<any> => {
      const found = await run(document);
      return over.includes(found.status.toUpperCase()) && found;
    };
    return until(settled, { withinMs: 170_000, everyMs: 100 });
  }

  function draft(): Promise<any> {
    return mutate('draftSemanticModel', 'SourceIdInput', { sourceId }, 'model');
  }
}
