import { getNamedType, isObjectType } from 'graphql';

import { newId } from '#platform/db';

import { everything, filled, idsOf, mutations, operationOf, queries, type Field } from '../kit/schema-sweep';
import { startServer, type TestServer } from '../kit/server';
import { settle, type Settled } from './neighbour';

/** What kind of thing an argument names: the prefix of its id. An argument that is missing here fails the sweep. */
const kinds: Readonly<Record<string, string>> = {
  agentId: 'agent',
  agentIds: 'agent',
  alertId: 'alrt',
  dashboardId: 'dash',
  documentId: 'doc',
  experimentId: 'exp',
  featureSet: 'feat',
  featureSetId: 'feat',
  jobId: 'train',
  linkId: 'lnk',
  messageId: 'msg',
  modelId: 'mdl',
  previousQueryId: 'qry',
  queryId: 'qry',
  runId: 'run',
  scheduleId: 'schd',
  sessionId: 'sess',
  sourceId: 'src',
  sweepId: 'sweep',
  verifiedQueryId: 'vq',
  widgetId: 'wdg',
};

/** Where the argument is only called `id`, its field says what it names. */
const kindsOfId: Readonly<Record<string, string>> = {
  agentRun: 'run',
  alert: 'alrt',
  dashboard: 'dash',
  deleteVerifiedQuery: 'vq',
  featureSet: 'feat',
  knowledgeDocument: 'doc',
  mlModel: 'mdl',
  reindexJob: 'job',
  replayRoutingDecision: 'rd',
  routingDecision: 'rd',
  schedule: 'schd',
  source: 'src',
  sqlQuery: 'qry',
  startTeamRun: 'team',
};

const filter = 'a filter of a list: the list is empty';
const usedLater = 'stored as it is, and looked up as the caller when it is used';
const inItsPlace = 'each question of a batch has an error of its own: a test below';
const label = 'kept beside what the call makes, never followed';

/** Arguments that nothing is looked up by during the call, with the reason. */
const notLookedUp: Readonly<Record<string, string>> = {
  'agentMemory(sessionId)': filter,
  'agentRuns(sessionId)': filter,
  'verifiedQueries(sourceId)': filter,
  'deleteAgentMemory(sessionId)': 'forgets what the caller’s own agents keep about it: nothing',
  'askQuestion(sessionId)': label,
  'askQuestions(previousQueryId)': inItsPlace,
  'askQuestions(sessionId)': label,
  'askQuestions(sourceId)': inItsPlace,
  'generateSql(sessionId)': label,
  'askQuestion(usageId)': label,
  'askQuestions(usageId)': label,
  'generateSql(usageId)': label,
  'routeLlm(usageId)': label,
  'processMessage(sessionId)': label,
  'startAgentRun(messageId)': label,
  'startAgentRun(sessionId)': label,
  'startTeamRun(sessionId)': label,
  'cancelQuery(queryId)': 'says whether something was cancelled: nothing',
  'deleteAgentMemory(memoryId)': 'says how much was deleted: nothing',
  'approveStep(reviewerId)': 'must be the caller',
  'rejectStep(reviewerId)': 'must be the caller',
  'shareDashboard(teamId)': 'people and teams are known to whoever issues the tokens',
  'shareDashboard(userId)': 'people and teams are known to whoever issues the tokens',
  'addWidget(sourceId)': usedLater,
  'createAgent(sourceId)': usedLater,
  'createAlert(sourceId)': usedLater,
  'createSession(sourceId)': usedLater,
  'processMessage(sourceId)': usedLater,
  'startAgentRun(sourceId)': usedLater,
  'updateAgent(sourceId)': usedLater,
  'updateSession(sourceId)': usedLater,
  'updateWidget(sourceId)': usedLater,
};

/** Values that get a call past the checks of its other fields. */
const plausible = {
  channels: [{ type: 'webhook', url: 'https://93.184.216.34/hook' }],
  condition: { operator: 'greater_than', threshold: 1 },
  cron: '0 6 1 1 *',
  correctedSql: 'select 1',
  entities: ['1'],
  format: 'csv',
  message: 'total amount by paid',
  operator: 'equals',
  query: 'select 1',
  question: 'total amount by paid',
  position: { x: 0, y: 0, width: 4, height: 4 },
  recipients: ['a@example.com'],
  refinement: 'only yes',
  schedule: '0 6 1 1 *',
  space: { learning_rate: { values: [0.1, 0.2] } },
  sql: 'select 1',
  taskType: 'CLASSIFICATION',
  targetColumn: 'paid',
  timeoutSeconds: 5,
  yaml: 'version: 1',
};

/** Stands for the id of what the caller itself has of that kind. */
const own = Symbol('own');

/** The same for one field only; what is undefined is left out. */
const plausibleFor: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'createAlert(widgetId)': { sql: undefined },
  'trainModel(experimentId)': { dataset: filled, sourceId: own },
  'tuneModel(experimentId)': { dataset: filled, sourceId: own },
  createFeatureSet: { features: ['amount'] },
  predict: { features: { amount: 1, id: 1 } },
  startTurn: { refinement: undefined },
};

/** What a successful call makes anew: ids and times. */
const made = /[a-z]+-[0-9a-hjkmnp-tv-z]{26}|\d{4}-\d\d-\d\dT[\d:.]+Z/g;

interface Case {
  readonly name: string;
  readonly kind: 'query' | 'mutation';
  readonly field: Field;
  readonly argument: string;
  readonly list: boolean;
  readonly via: readonly string[];
  readonly others: readonly string[];
}

function casesOf(kind: Case['kind'], fields: readonly Field[]): readonly [string, Case][] {
  return fields.flatMap((field) => {
    const ids = idsOf(field);
    return ids.map(({ name: argument, list, via }): [string, Case] => {
      const others = ids.filter(({ name, required }) => required && name !== argument).map(({ name }) => name);
      const name = `${field.name}(${argument})`;
      return [name, { name, kind, field, argument, list, via, others }];
    });
  });
}

/** Makes something under the id that the caller wants: a test of its own. */
const chosenByCaller = 'createSession(sessionId)';
const cases = [...casesOf('query', queries), ...casesOf('mutation', mutations)].filter(([name]) => name !== chosenByCaller);
const kindOf = (field: Field, argument: string): string | undefined => (argument === 'id' ? kindsOfId[field.name] : kinds[argument]);

describe('the id of another tenant', () => {
  let server: TestServer;
  let stranger: string;
  let mine: Settled;
  let foreign: Settled;
  let before: unknown;

  beforeAll(async () => {
    server = await startServer({ environment: { DEMO_DATA: 'false', RATE_LIMIT_FREE: '1000000', SMTP_URL: 'smtp://127.0.0.1:9' } });
    stranger = server.token('acme');
    [mine, foreign] = [await settle(server, stranger), await settle(server, server.token('zenith'))];
  }, 600_000);
  beforeAll(async () => void (before = await theirState()));
  afterAll(() => server[Symbol.asyncDispose]());

  const answer = async ({ name, kind, field, argument, list, via, others }: Case, id: string): Promise<unknown> => {
    const given: Record<string, unknown> = {
      ...plausible,
      ...plausibleFor[field.name],
      ...plausibleFor[name],
      [argument]: list ? [id, id] : id,
    };
    for (const around of via.slice(1)) given[around] = filled;
    for (const other of others) given[other] = own;
    for (const [key, value] of Object.entries(given)) {
      if (value === own) given[key] = mine.get(kindOf(field, key) ?? '') ?? 'x';
      if (value === undefined) delete given[key];
    }
    const { query, variables } = operationOf(kind, field, given);
    const { data, errors } = await server.graphql(query, { token: stranger, variables });
    const told = (errors as any[] | undefined)?.map(({ message, path, extensions: { requestId: _, ...extensions } }) => ({
      message,
      path,
      extensions,
    }));
    return JSON.parse(JSON.stringify({ data, errors: told }).replaceAll(id, '<id>').replaceAll(made, '<made>'));
  };

  /** All that the other tenant can read of its own things. */
  const theirState = async (): Promise<unknown> => {
    const token = server.token('zenith');
    const state: Record<string, unknown> = {};
    for (const field of queries) {
      const type = getNamedType(field.type);
      const required = field.args.filter(({ type: each }) => String(each).endsWith('!')).map(({ name }) => name);
      if (required.length !== 1 || !isObjectType(type)) continue;
      const id = foreign.get(kindOf(field, required[0]!) ?? '');
      if (!id) continue;
      const { variables, query } = operationOf('query', field, { [required[0]!]: id });
      // Whether an answer came from the cache is the only thing that reading itself changes.
      const whole = query.replace(/ \{ \S+ \} \}$/, ` ${everything(type, 1).replaceAll(' cacheHit', '')} }`);
      const { data, errors } = await server.graphql(whole, { token, variables });
      state[field.name] = { data, failed: errors?.length ?? 0 };
    }
    return state;
  };

  it.each(cases)('%s is answered as one that does not exist', async (_name, swept) => {
    const kind = kindOf(swept.field, swept.argument) ?? 'sess';
    const id = foreign.get(kind);
    expect([swept.name, id]).not.toContain(undefined);
    const unknown = await answer(swept, newId(kind));
    expect(await answer(swept, id!)).toEqual(unknown);
    if (!(swept.name in notLookedUp)) expect(unknown).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  });

  it('is NOT_FOUND in its place in a batch of questions', async () => {
    const document = 'mutation ($input: AskQuestionsInput!) { askQuestions(input: $input) { rows error { code } } }';
    const [previousQueryId, sourceId] = [foreign.get('qry'), foreign.get('src')];
    const questions = [{ sourceId }, { sourceId: mine.get('src'), previousQueryId }].map((one) => ({ question: 'only yes', ...one }));
    const { data } = await server.graphql(document, { token: stranger, variables: { input: { questions } } });
    expect(data.askQuestions).toEqual(questions.map(() => ({ rows: [], error: { code: 'NOT_FOUND' } })));
  });

  it('leaves everything of the other tenant as it was', async () => {
    expect(await theirState()).toEqual(before);
  });

  it('makes another session where the caller wants its id for one of its own', async () => {
    const sessionId = foreign.get('sess')!;
    const create = 'mutation ($input: CreateSessionInput!) { createSession(input: $input) { id title } }';
    const made = await server.graphql(create, { token: stranger, variables: { input: { sessionId, title: 'mine' } } });
    expect(made.data.createSession).toEqual({ id: sessionId, title: 'mine' });
    const read = `{ chatSession(sessionId: "${sessionId}") { title messages { id } } }`;
    const mine = await server.graphql(read, { token: stranger });
    expect(mine.data.chatSession).toEqual({ title: 'mine', messages: [] });
    const theirs = await server.graphql(read, { token: server.token('zenith') });
    expect(theirs.data.chatSession).toMatchObject({ title: 'ours', messages: expect.any(Array) });
  });
});
