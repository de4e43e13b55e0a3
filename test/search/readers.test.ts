import { graphql, print, type DocumentNode, type GraphQLSchema } from 'graphql';
import { sql } from 'kysely';

import type { GraphEngine } from '../../gateway/engine';
import { createGraphClient, type GraphClient } from '../../gateway/ports/graph-client';
import { createConversationReader, createSourceReader } from '../../gateway/ports/search-readers';
import { chatWorld } from '../chat/world';
import { caller } from '../kit/caller';
import { sqlWorld } from '../sql/world';

/** The graph of one domain: enough for a reader that asks this domain alone. */
function graphOf(schema: GraphQLSchema): GraphClient {
  const graph = createGraphClient();
  const execute: GraphEngine['execute'] = ({ source, variables, context }) =>
    graphql({ schema, source: print(source as DocumentNode), variableValues: variables ?? {}, contextValue: context });
  graph.connect({ execute } as GraphEngine);
  return graph;
}

describe('what is indexed of the other domains', () => {
  it('is every message of a session, in order, however many pages they fill', async () => {
    await using world = await chatWorld();
    const me = caller({ roles: ['admin'] });
    const { sessions, turns } = world.chat.services;
    const { id } = await sessions.create(me, { title: 'Long' });
    const greetings = Array.from({ length: 51 }, (_, place) => `Hello ${place}`);
    for (const text of greetings) await turns.send(me, { sessionId: id, request: { kind: 'message', text }, requestId: null });

    const read = await createConversationReader(graphOf(world.chat.schema)).read(me, id);
    expect(read).toMatchObject({ sessionId: id, title: 'Long', userId: me.userId });
    expect(read!.messages).toHaveLength(102);
    expect(read!.messages.filter(({ role }) => role === 'user').map(({ content }) => content)).toEqual(greetings);
    expect(new Set(read!.messages.map((message) => message.id)).size).toBe(102);
  });

  it('is every source of a tenant, however many pages they fill, and none of another', async () => {
    await using world = await sqlWorld();
    const [me, other] = [caller({ roles: ['admin'] }), caller({ roles: ['admin'] })];
    const input = { filename: 'file.csv', contentBase64: Buffer.from('a,b\n1,2\n').toString('base64') };
    for (const who of [other, me])
      await world.run(who, 'mutation ($input: UploadSourceInput!) { uploadSource(input: $input) { id } }', { input });
    // A hundred more are copied: uploading each would take a minute.
    await world.db.inTenant(me.tenantId, (tx) =>
      sql`insert into sql_sources (tenant_id, id, name, kind, file, catalog, data_version, created_by)
        select tenant_id, id || '-' || copy, name || copy, kind, file, catalog, data_version, created_by
        from sql_sources, generate_series(1, 100) as copy`.execute(tx as never),
    );

    const listed = (await createSourceReader(graphOf(world.schema)).list(me)).map(({ id }) => id);
    expect(new Set(listed).size).toBe(101);
    expect(listed).toHaveLength(101);
  });
});
