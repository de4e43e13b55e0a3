import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import express from 'express';
import { Agent, request as ask } from 'undici';

import { reportTo } from '../gateway/child';
import { pinTo } from './pin';

// The least that any router could cost here: HTTP in, the provider by the same client with its connections kept, its bytes as they come,
// HTTP out. Nothing is read, checked, decided or recorded.
const [providerUrl, door, core] = process.argv.slice(2);
if (core !== undefined) pinTo(Number(core));
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { statusCode, headers, body } = await ask(`${providerUrl}/chat/completions`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.concat(pieces),
  });
  response.writeHead(statusCode, { 'content-type': headers['content-type'] ?? 'application/json' });
  body.on('data', (piece: Buffer) => response.write(piece));
  body.on('end', () => response.end());
}

const server =
  door === 'express'
    ? createServer(express().use('/v1', (request, response) => void pass(request, response)))
    : createServer((request, response) => void pass(request, response));
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => reportTo(process, (server.address() as AddressInfo).port));
