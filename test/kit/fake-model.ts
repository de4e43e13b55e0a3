import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { converse, gemini, type Dialect, type Usage } from './vendor-dialects';

/** What the scripted provider does with one request. */
export type Script =
  | {
      readonly kind: 'tokens';
      readonly tokens: readonly string[];
      readonly usage?: { readonly prompt: number; readonly completion: number } | null;
      /** What the tokens after the first wait for. */
      readonly rest?: Promise<unknown>;
      readonly finish?: string;
    }
  | { readonly kind: 'tool'; readonly name: string; readonly arguments: string }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly message?: string }
  /** Some tokens, then silence with an open socket. */
  | { readonly kind: 'stall'; readonly tokens: readonly string[] }
  /** Some tokens, then the socket is destroyed; `clean` ends the body properly, but without a finish. */
  | { readonly kind: 'cut'; readonly tokens: readonly string[]; readonly clean?: boolean }
  /** Not even headers. */
  | { readonly kind: 'hang' }
  /** A body that is sent as it is, with status 200. */
  | { readonly kind: 'raw'; readonly body: string; readonly contentType?: string }
  /** The same token for ever. */
  | { readonly kind: 'endless'; readonly token: string };

export const tokens = (...list: string[]): Script => ({ kind: 'tokens', tokens: list });
export const text = (answer: string, usage?: { prompt: number; completion: number }): Script => ({
  kind: 'tokens',
  tokens: answer.match(/\S+\s*|\s+/g) ?? [],
  ...(usage ? { usage } : {}),
});
export const toolCall = (name: string, input: unknown): Script => ({
  kind: 'tool',
  name,
  arguments: typeof input === 'string' ? input : JSON.stringify(input),
});
export const status = (code: number, headers: Readonly<Record<string, string>> = {}, message = `scripted ${code}`): Script => ({
  kind: 'status',
  status: code,
  headers,
  message,
});
export const stall = (...list: string[]): Script => ({ kind: 'stall', tokens: list });
export const cut = (...list: string[]): Script => ({ kind: 'cut', tokens: list });
export const hang = (): Script => ({ kind: 'hang' });

export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  /** True once the client went away before the answer was complete. */
  aborted: boolean;
}

export interface FakeModel extends AsyncDisposable {
  /** With `/v1`: the base URL of a client. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Answers to the next requests, in order; afterwards `fallback` again. */
  script(...steps: Script[]): void;
  /** What a request without a script gets: a step, or one made from the request. @default text('ok') */
  fallback: Script | ((request: SeenRequest) => Script);
  /** Server-sent events are written in pieces of 1 to this many bytes, so that events and UTF-8 characters are split anywhere. @default whole events */
  splitBytes: number | null;
  close(): Promise<void>;
}

/** An HTTP server that speaks the dialects of OpenAI, Anthropic, Gemini and Bedrock and does as it is told: the real client code runs against it. */
export async function startFakeModel(): Promise<FakeModel> {
  const steps: Script[] = [];
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => void serve(request, response));
  // Longer than a process stands still: a connection that is closed at the moment of its next use would be a failure of the provider.
  server.keepAliveTimeout = 60_000;
  const fake = {
    fallback: text('ok') as FakeModel['fallback'],
    splitBytes: null as number | null,
    requests,
    script: (...more: Script[]) => void steps.push(...more),
    close: () => closeServer(server),
    [Symbol.asyncDispose]: () => closeServer(server),
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJson(request);
    const seen: SeenRequest = { path: request.url ?? '', headers: request.headers, body, aborted: false };
    requests.push(seen);
    response.on('close', () => {
      seen.aborted = !response.writableFinished;
    });
    response.on('error', () => undefined);
    if (seen.path.endsWith('/embeddings')) return void json(response, embeddings(body));
    if (seen.path.endsWith('/models')) return void json(response, { object: 'list', data: [{ id: 'fake', object: 'model' }] });
    const step = steps.shift() ?? (typeof fake.fallback === 'function' ? fake.fallback(seen) : fake.fallback);
    await perform(step, { response, ...manner(seen), splitBytes: fake.splitBytes });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return Object.assign(fake, { url });
}

interface Manner {
  readonly dialect: Dialect;
  readonly isStream: boolean;
  readonly model: string;
}

/** Which dialect a request is in, and whether it asks for a stream: some say so in the path, some in the body. */
function manner({ path, body }: SeenRequest): Manner {
  const google = /models\/([^/:]+):(stream)?generateContent/i.exec(path);
  if (google) return { dialect: gemini, isStream: google[2] !== undefined, model: google[1]! };
  const aws = /model\/([^/]+)\/converse(-stream)?$/.exec(path);
  if (aws) return { dialect: converse, isStream: aws[2] !== undefined, model: decodeURIComponent(aws[1]!) };
  const dialect = path.endsWith('/messages') ? anthropic : openai;
  return { dialect, isStream: body.stream === true, model: String(body.model) };
}

interface Stage extends Manner {
  readonly response: ServerResponse;
  readonly splitBytes: number | null;
}

async function perform(step: Script, stage: Stage): Promise<void> {
  const { response, dialect, isStream, model } = stage;
  if (step.kind === 'hang') return;
  if (step.kind === 'status') return void json(response, dialect.error(step.message ?? ''), step);
  if (step.kind === 'raw') return void response.writeHead(200, { 'content-type': step.contentType ?? 'application/json' }).end(step.body);
  if (!isStream) {
    if (step.kind === 'tokens') return void json(response, dialect.whole(step.tokens.join(''), usageOf(step), model, step.finish));
    if (step.kind === 'tool') return void json(response, dialect.wholeTool(step.name, step.arguments, model));
    if (step.kind === 'cut')
      return void response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":', () => response.destroy());
    if (step.kind === 'endless')
      return void json(
        response,
        dialect.whole(step.token.repeat(Math.ceil(10_485_760 / step.token.length)), { prompt: 1, completion: 1 }, model),
      );
    return;
  }
  response.writeHead(200, { 'content-type': dialect.contentType ?? 'text/event-stream', 'cache-control': 'no-cache' });
  const write = (event: string | Buffer): Promise<void> => writePieces(response, event, stage.splitBytes);
  await write(dialect.start(model));
  if (step.kind === 'tool') {
    for (const event of dialect.toolEvents(step.name, step.arguments)) await write(event);
    response.end();
    return;
  }
  if (step.kind === 'endless') {
    while (!response.destroyed) await write(dialect.token(step.token));
    return;
  }
  for (const [place, token] of step.tokens.entries()) {
    if (place > 0 && step.kind === 'tokens') await step.rest;
    if (response.destroyed) return;
    await write(dialect.token(token));
  }
  if (step.kind === 'stall') return;
  if (step.kind === 'cut') {
    await flushed(response);
    return void (step.clean ? response.end() : response.destroy());
  }
  for (const event of dialect.end(usageOf(step), step.finish)) await write(event);
  response.end();
}

const usageOf = (step: Extract<Script, { kind: 'tokens' }>): Usage | null =>
  step.usage === null ? null : (step.usage ?? { prompt: 10, completion: step.tokens.length });

async function writePieces(response: ServerResponse, event: string | Buffer, splitBytes: number | null): Promise<void> {
  if (event.length === 0) return;
  const bytes = typeof event === 'string' ? Buffer.from(event) : event;
  for (let from = 0; from < bytes.length;) {
    const size = splitBytes === null ? bytes.length : 1 + Math.floor(Math.random() * splitBytes);
    const isFlushed = response.write(bytes.subarray(from, from + size));
    from += size;
    // Each piece leaves on its own, as a slow network would deliver it.
    if (splitBytes !== null) await new Promise((resolve) => setImmediate(resolve));
    if (!isFlushed && !response.destroyed) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          response.off('drain', go).off('close', go);
          resolve();
        };
        response.on('drain', go).on('close', go);
      });
    }
  }
}

/** Resolves when everything written so far has left the process. */
async function flushed(response: ServerResponse): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve));
  while (!response.destroyed && (response.writableLength > 0 || (response.socket?.writableLength ?? 0) > 0));
}

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const named = (value: { readonly type: string; readonly [field: string]: unknown }): string => `event: ${value.type}\n${data(value)}`;
/** Arguments arrive in two pieces, cut in the middle. */
const halves = (input: string): readonly [string, string] => [
  input.slice(0, Math.ceil(input.length / 2)),
  input.slice(Math.ceil(input.length / 2)),
];

const openaiUsage = (usage: Usage | null) =>
  usage
    ? { usage: { prompt_tokens: usage.prompt, completion_tokens: usage.completion, total_tokens: usage.prompt + usage.completion } }
    : {};
const openaiChunk = (delta: object, finish: string | null = null): string =>
  data({
    id: 'chatcmpl-fake',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'fake',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
const openaiWhole = (model: string, message: object, finish: string, usage: Usage | null): unknown => ({
  id: 'chatcmpl-fake',
  object: 'chat.completion',
  created: 1_700_000_000,
  model,
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
  ...openaiUsage(usage),
});

const openai: Dialect = {
  start: () => openaiChunk({ role: 'assistant', content: '' }),
  token: (token) => openaiChunk({ content: token }),
  toolEvents: (name, input) => [
    openaiChunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name, arguments: '' } }] }),
    ...halves(input).map((half) => openaiChunk({ tool_calls: [{ index: 0, function: { arguments: half } }] })),
    openaiChunk({}, 'tool_calls'),
    'data: [DONE]\n\n',
  ],
  end: (usage, finish = 'stop') => [
    openaiChunk({}, finish),
    ...(usage
      ? [
          data({
            id: 'chatcmpl-fake',
            object: 'chat.completion.chunk',
            created: 1_700_000_000,
            model: 'fake',
            choices: [],
            ...openaiUsage(usage),
          }),
        ]
      : []),
    'data: [DONE]\n\n',
  ],
  whole: (answer, usage, model, finish = 'stop') => openaiWhole(model, { content: answer }, finish, usage),
  wholeTool: (name, input, model) =>
    openaiWhole(
      model,
      { content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name, arguments: input } }] },
      'tool_calls',
      { prompt: 10, completion: 5 },
    ),
  error: (message) => ({ error: { message, type: 'scripted_error', param: null, code: null } }),
};

const anthropicStop: Readonly<Record<string, string>> = { stop: 'end_turn', length: 'max_tokens' };
const anthropicMessage = (model: string, content: readonly object[], stopReason: string | null, usage: Usage): object => ({
  id: 'msg_fake',
  type: 'message',
  role: 'assistant',
  model,
  content,
  stop_reason: stopReason,
  stop_sequence: null,
  usage: { input_tokens: usage.prompt, output_tokens: usage.completion },
});

const anthropic: Dialect = {
  start: (model) =>
    named({ type: 'message_start', message: anthropicMessage(model, [], null, { prompt: 10, completion: 0 }) }) +
    named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  token: (token) => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: token } }),
  toolEvents: (name, input) => [
    named({ type: 'content_block_stop', index: 0 }),
    named({ type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'toolu_1', name, input: {} } }),
    ...halves(input).map((half) =>
      named({ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: half } }),
    ),
    named({ type: 'content_block_stop', index: 1 }),
    named({ type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 5 } }),
    named({ type: 'message_stop' }),
  ],
  end: (usage, finish = 'stop') => [
    named({ type: 'content_block_stop', index: 0 }),
    named({
      type: 'message_delta',
      delta: { stop_reason: anthropicStop[finish] ?? finish, stop_sequence: null },
      usage: { output_tokens: usage?.completion ?? 0 },
    }),
    named({ type: 'message_stop' }),
  ],
  whole: (answer, usage, model, finish = 'stop') =>
    anthropicMessage(model, [{ type: 'text', text: answer }], anthropicStop[finish] ?? finish, usage ?? { prompt: 0, completion: 0 }),
  wholeTool: (name, input, model) =>
    anthropicMessage(model, [{ type: 'tool_use', id: 'toolu_1', name, input: JSON.parse(input) as unknown }], 'tool_use', {
      prompt: 10,
      completion: 5,
    }),
  error: (message) => ({ type: 'error', error: { type: 'scripted_error', message } }),
};

function embeddings(body: Record<string, unknown>): unknown {
  const inputs = Array.isArray(body.input) ? body.input : [body.input];
  const vectors = inputs.map((input, index) => ({ object: 'embedding', index, embedding: [String(input).length, index, 1] }));
  return { object: 'list', model: body.model, data: vectors, usage: { prompt_tokens: inputs.length, total_tokens: inputs.length } };
}

function json(
  response: ServerResponse,
  value: unknown,
  { status: code = 200, headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  try {
    return body ? (JSON.parse(body) as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
