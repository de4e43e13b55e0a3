// The least that a request can take here: Node's own server answers what a prediction answers, as a constant, after reading the body.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { names } from './synthetic';

const contributions = Object.fromEntries(names.map((name, place) => [name, place / 7]));
const body = JSON.stringify({ success: true, data: { prediction: '1', probability: 0.75, explanation: { bias: 0.1, contributions } } });
const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };

const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, headers).end(body));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`));
