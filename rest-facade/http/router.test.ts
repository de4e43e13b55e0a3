import { createRouter } from './router';

const routes = (...addresses: string[]) => {
  const router = createRouter<string>();
  for (const address of addresses) {
    const [method, path] = address.split(' ') as [string, string];
    router.add(method, path, address);
  }
  return router;
};

it('prefers a fixed segment over a parameter, whatever the order', () => {
  const router = routes('GET /models/:id', 'GET /models/draft');
  expect(router.find('GET', '/models/draft')).toMatchObject({ target: 'GET /models/draft' });
  expect(router.find('GET', '/models/m-1')).toMatchObject({ target: 'GET /models/:id', params: { id: 'm-1' } });
});

it('goes back to the parameter where the fixed segment leads nowhere', () => {
  const router = routes('GET /a/fixed/x', 'GET /a/:id/y');
  expect(router.find('GET', '/a/fixed/y')).toMatchObject({ target: 'GET /a/:id/y', params: { id: 'fixed' } });
});

it('lets two routes name the same parameter differently', () => {
  const router = routes('GET /w/:id', 'DELETE /w/:widget_id');
  expect(router.find('DELETE', '/w/7')).toMatchObject({ params: { widget_id: '7' } });
});

it('reads a parameter after a fixed beginning of its segment', () => {
  const router = routes('GET /w/:id/chart.:format');
  expect(router.find('GET', '/w/7/chart.svg')).toMatchObject({ params: { id: '7', format: 'svg' } });
  expect(router.find('GET', '/w/7/chart.')).toEqual({ outcome: 'unknown' });
});

it('names the methods that exist where the method is wrong', () => {
  expect(routes('GET /x', 'POST /x').find('PUT', '/x')).toEqual({ outcome: 'wrong-method', allow: ['GET', 'HEAD', 'POST'] });
});

it('decodes parameters, and treats broken encoding as unknown', () => {
  const router = routes('GET /x/:id');
  expect(router.find('GET', '/x/a%2Fb%20c')).toMatchObject({ params: { id: 'a/b c' } });
  expect(router.find('GET', '/x/%E0%A4%A')).toEqual({ outcome: 'unknown' });
});
