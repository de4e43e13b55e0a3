import { crc32 } from 'node:zlib';

/** One vendor's wire format, as the scripted provider speaks it. A stream's events are text, or frames of bytes. */
export interface Dialect {
  readonly contentType?: string;
  start(model: string): string | Buffer;
  token(token: string): string | Buffer;
  toolEvents(name: string, input: string): (string | Buffer)[];
  end(usage: Usage | null, finish?: string): (string | Buffer)[];
  whole(answer: string, usage: Usage | null, model: string, finish?: string): unknown;
  wholeTool(name: string, input: string, model: string): unknown;
  error(message: string): unknown;
}

export interface Usage {
  readonly prompt: number;
  readonly completion: number;
}

const geminiFinish: Readonly<Record<string, string>> = { stop: 'STOP', length: 'MAX_TOKENS', content_filter: 'SAFETY' };
const geminiUsage = (usage: Usage | null): object =>
  usage
    ? {
        usageMetadata: {
          promptTokenCount: usage.prompt,
          candidatesTokenCount: usage.completion,
          totalTokenCount: usage.prompt + usage.completion,
        },
      }
    : {};
const candidate = (parts: readonly object[], finishReason?: string): object => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...(finishReason ? { finishReason } : {}) }],
});
const sse = (value: object): string => `data: ${JSON.stringify(value)}\r\n\r\n`;
const functionCall = (name: string, input: string): object => ({ functionCall: { name, args: JSON.parse(input) as unknown } });

/** Gemini: `models/{model}:generateContent` and `:streamGenerateContent?alt=sse`. Function calls come whole. */
export const gemini: Dialect = {
  start: () => '',
  token: (token) => sse(candidate([{ text: token }])),
  toolEvents: (name, input) => [sse({ ...candidate([functionCall(name, input)], 'STOP'), ...geminiUsage({ prompt: 10, completion: 5 }) })],
  end: (usage, finish = 'stop') => [sse({ ...candidate([{ text: '' }], geminiFinish[finish] ?? finish), ...geminiUsage(usage) })],
  whole: (answer, usage, _model, finish = 'stop') => ({
    ...candidate([{ text: answer }], geminiFinish[finish] ?? finish),
    ...geminiUsage(usage),
  }),
  wholeTool: (name, input) => ({ ...candidate([functionCall(name, input)], 'STOP'), ...geminiUsage({ prompt: 10, completion: 5 }) }),
  error: (message) => ({ error: { code: 400, message, status: 'SCRIPTED' } }),
};

const header = (name: string, value: string): Buffer => {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
  const length = Buffer.alloc(2);
  length.writeUInt16BE(valueBytes.length);
  // 7: the value is a string.
  return Buffer.concat([Buffer.from([nameBytes.length]), nameBytes, Buffer.from([7]), length, valueBytes]);
};

/** One message of AWS's event stream encoding: lengths, their checksum, headers, payload, checksum of all. */
export function eventStreamFrame(eventType: string, payload: object): Buffer {
  const headers = Buffer.concat([
    header(':event-type', eventType),
    header(':content-type', 'application/json'),
    header(':message-type', 'event'),
  ]);
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + headers.length + body.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const message = Buffer.concat([prelude, headers, body]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(message));
  return Buffer.concat([message, checksum]);
}

const converseStop: Readonly<Record<string, string>> = { stop: 'end_turn', length: 'max_tokens', content_filter: 'content_filtered' };
const converseUsage = (usage: Usage): object => ({
  usage: { inputTokens: usage.prompt, outputTokens: usage.completion, totalTokens: usage.prompt + usage.completion },
  metrics: { latencyMs: 1 },
});
const converseEnd = (stopReason: string, usage: Usage | null): Buffer[] => [
  eventStreamFrame('contentBlockStop', { contentBlockIndex: 0 }),
  eventStreamFrame('messageStop', { stopReason }),
  ...(usage ? [eventStreamFrame('metadata', converseUsage(usage))] : []),
];
const converseAnswer = (content: readonly object[], stopReason: string, usage: Usage): object => ({
  output: { message: { role: 'assistant', content } },
  stopReason,
  ...converseUsage(usage),
});

/** Bedrock: `model/{model}/converse` and `/converse-stream`. */
export const converse: Dialect = {
  contentType: 'application/vnd.amazon.eventstream',
  start: () => eventStreamFrame('messageStart', { role: 'assistant' }),
  token: (token) => eventStreamFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: token } }),
  toolEvents: (name, input) => [
    eventStreamFrame('contentBlockStart', { contentBlockIndex: 0, start: { toolUse: { toolUseId: 'tooluse_1', name } } }),
    ...[input.slice(0, 3), input.slice(3)].map((half) =>
      eventStreamFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input: half } } }),
    ),
    ...converseEnd('tool_use', { prompt: 10, completion: 5 }),
  ],
  end: (usage, finish = 'stop') => converseEnd(converseStop[finish] ?? finish, usage),
  whole: (answer, usage, _model, finish = 'stop') =>
    converseAnswer([{ text: answer }], converseStop[finish] ?? finish, usage ?? { prompt: 0, completion: 0 }),
  wholeTool: (name, input) =>
    converseAnswer([{ toolUse: { toolUseId: 'tooluse_1', name, input: JSON.parse(input) as unknown } }], 'tool_use', {
      prompt: 10,
      completion: 5,
    }),
  error: (message) => ({ message }),
};
