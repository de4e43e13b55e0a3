import { startServer } from '../kit/server';
import { until } from '../kit/until';

it('one query goes from a hit to the own fields of its dashboard, session and document', async () => {
  // The test asks whether all is indexed more often than people may.
  const environment = { DEMO_DATA: 'false', RATE_LIMIT_FREE: '1000000', RATE_LIMIT_STANDARD: '1000000' };
  await using server = await startServer({ environment });
  const token = server.token('acme');
  const mutate = async (field: string, type: string, input: object, selection = 'id'): Promise<any> => {
    const { data, errors } = await server.graphql(`mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`, {
      token,
      variables: { input },
    });
    expect(errors).toBeUndefined();
    return data[field];
  };
  const { id: dashboardId } = await mutate('createDashboard', 'CreateDashboardInput', { name: 'Kestrel sightings', tags: ['birds'] });
  await mutate('addWidget', 'AddWidgetInput', { dashboardId, name: 'By moor', widgetType: 'TEXT', config: { text: 'kestrels by moor' } });
  const { id: sessionId } = await mutate('createSession', 'CreateSessionInput', { title: 'About kestrels' });
  await mutate('sendMessage', 'SendMessageInput', { sessionId, message: 'What is meant by kestrel?' }, 'messageId');
  const { id: documentId } = await mutate('addKnowledge', 'AddDocumentInput', { title: 'Birds', content: 'A kestrel is a small falcon.' });

  const find = async (who: string): Promise<any[]> =>
    (
      await server.graphql(
        `mutation { semanticSearch(input: { query: "kestrel", topK: 20 }) { results { collection entity {
          __typename
          ... on Dashboard { id name tags visibility widgets { name } }
          ... on Session { id title status messages(first: 1) { role content } }
          ... on KnowledgeDocument { id title format }
        } } } }`,
        { token: who },
      )
    ).data.semanticSearch.results;
  const hits = await until(
    async () => {
      const found = await find(token);
      return new Set(found.map(({ collection }) => collection)).size === 3 ? found : null;
    },
    { withinMs: 60_000, everyMs: 200 },
  );
  const of = (collection: string): any => hits.find((hit) => hit.collection === collection).entity;
  expect(of('dashboards')).toEqual({
    __typename: 'Dashboard',
    id: dashboardId,
    name: 'Kestrel sightings',
    tags: ['birds'],
    visibility: 'PRIVATE',
    widgets: [{ name: 'By moor' }],
  });
  expect(of('conversations')).toEqual({
    __typename: 'Session',
    id: sessionId,
    title: 'About kestrels',
    status: 'ACTIVE',
    messages: [{ role: 'USER', content: 'What is meant by kestrel?' }],
  });
  expect(of('knowledge')).toEqual({ __typename: 'KnowledgeDocument', id: documentId, title: 'Birds', format: 'MARKDOWN' });

  // Neither the private dashboard nor the session is a colleague's; the document is the whole tenant's.
  const theirs = await find(server.token('acme', { userId: 'colleague', roles: ['editor'] }));
  expect(theirs.map(({ collection }) => collection)).toEqual(['knowledge']);
});
