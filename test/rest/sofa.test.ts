import { compileVersions } from '../../rest-facade';
import { runForSofa } from '../../rest-facade/run-for-sofa';
import { createSofaRoutes, type SofaOutput } from '../../rest-facade/sofa';
import { createRequestContext } from '#platform/graphql';
import { caller } from '../kit/caller';
import { restWorld, type RestWorld } from './kit/world';

let w: RestWorld;
let sofa: SofaOutput;
beforeAll(async () => {
  w = await restWorld();
  const [v1] = compileVersions(w.engine, [{ name: 'v1' }, { name: 'v2' }]);
  const context = () => createRequestContext({ caller: caller({ tenantId: 'acme', userId: 'ada' }), requestId: 'req-sofa' });
  sofa = createSofaRoutes(v1!.view, v1!.version, runForSofa(w.engine, v1!.view, context));
  for (const name of ['one', 'two', 'three']) await w.send('/bi/dashboards', { method: 'POST', body: { name, tags: ['x'] } });
});
afterAll(() => w[Symbol.asyncDispose]());

/** The same request to our router and to SOFA's own. */
async function both(method: string, path: string, body?: unknown) {
  const ours = await w.send(path, { method, body });
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) };
  const theirs = await sofa.fetch(new Request(`http://localhost/api/v1${path}`, init));
  return { ours: [ours.status, ours.body?.data], theirs: [theirs.status, await theirs.json()] };
}

it.each([
  ['GET', '/bi/dashboards/dash-1', undefined],
  ['GET', '/bi/dashboards', undefined],
  ['GET', '/bi/dashboards?limit=2&offset=1', undefined],
  ['GET', '/bi/dashboards?tag=a&tag=b&visibility=private', undefined],
  ['GET', '/sql/suggestions?limit=3', undefined],
  ['GET', '/search/all?q=revenue', undefined],
  ['POST', '/sql/generate', { question: 'how many?', schema_context: ['orders'] }],
  ['PATCH', '/bi/dashboards/dash-2', { name: 'two' }],
] as const)('%s %s gives the data that SOFA’s own router gives', async (method, path, body) => {
  const { ours, theirs } = await both(method, path, body);
  // A rename counts the version up; the second of the two sees one more.
  const unversioned = (value: unknown) => JSON.parse(JSON.stringify(value, (key, inner) => (key === 'version' ? 0 : inner)));
  expect(unversioned(ours)).toEqual(unversioned(theirs));
});

it('SOFA’s webhooks, which post to any address, are shut', async () => {
  const body = JSON.stringify({ subscription: 'x', url: 'http://127.0.0.1:1/' });
  for (const path of ['/webhook', '/webhook/1']) {
    expect((await sofa.fetch(new Request(`http://localhost/api/v1${path}`, { method: 'POST', body }))).status).toBe(404);
  }
});
