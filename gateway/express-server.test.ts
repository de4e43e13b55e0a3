import { get } from 'node:http';
import type { AddressInfo } from 'node:net';

import express from 'express';

import { createExpressServer } from './express-server';

describe('a server for an Express app', () => {
  it('gives requests and answers the prototypes of the app before the app sees them, with everything that Express adds', async () => {
    const seen: object[][] = [];
    const app = express().disable('x-powered-by');
    const server = createExpressServer(app, (request, response) => {
      seen.push([Object.getPrototypeOf(request) as object, Object.getPrototypeOf(response) as object]);
      app(request, response);
    });
    app.get('/host', (request, response) => {
      seen.push([Object.getPrototypeOf(request) as object, Object.getPrototypeOf(response) as object]);
      expect(request.app).toBe(app);
      expect(response.app).toBe(app);
      response.json({ host: request.get('host') });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const body = await new Promise<string>((resolve, reject) => {
        get({ port, path: '/host', agent: false }, (response) => {
          response.setEncoding('utf8').on('data', resolve);
        }).on('error', reject);
      });
      expect(JSON.parse(body)).toEqual({ host: `localhost:${port}` });
      const [before, inside] = seen as [object[], object[]];
      expect(inside[0]).toBe(before[0]);
      expect(inside[1]).toBe(before[1]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
