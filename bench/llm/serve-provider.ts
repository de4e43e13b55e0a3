import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// The cheapest provider there can be, so that what is measured is the router: fixed answers, no parsing but for the word "stream".
const words = Array.from({ length: 16 }, (_, index) => `word${index} `);
const base = { id: 'chatcmpl-bench', created: 1_700_000_000, model: 'bench-model' };
const usage = { prompt_tokens: 20, completion_tokens: words.length, total_tokens: 20 + words.length };
const whole = JSON.stringify({
  ...base,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: words.join('') }, finish_reason: 'stop' }],
  usage,
});
const event = (value: object): string => `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', ...value })}\n\n`;
const chunks = [
  ...words.map((content) => event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
  event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  `${event({ choices: [], usage })}data: [DONE]\n\n`,
];

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (piece: string) => (body += piece));
  request.on('end', () => {
    if (!body.includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let next = 0;
    const write = (): void => {
      if (response.destroyed) return;
      if (next === chunks.length) return void response.end();
      response.write(chunks[next]);
      next += 1;
      setImmediate(write);
    };
    write();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
