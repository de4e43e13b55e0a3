import { Readable } from 'node:stream';

import type { LanguageModelV3StreamPart } from '@ai-sdk/provider';

import { BodyReader } from '../../network/body-reader';
import { WireReader } from './wire-reader';

const chunk = (delta: object, more: object = {}): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta, ...more }] })}\n\n`;
const finish = (reason: string): string => chunk({}, { finish_reason: reason });

/** What is read of a body that arrives in pieces of at most `pieceBytes`. */
async function parts(body: string, pieceBytes = 65_536): Promise<readonly LanguageModelV3StreamPart[]> {
  const bytes = Buffer.from(body);
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += pieceBytes) pieces.push(bytes.subarray(from, from + pieceBytes));
  const reader = new WireReader(new BodyReader(Readable.from(pieces)));
  const all: LanguageModelV3StreamPart[] = [];
  for (let group = await reader.next(); group; group = await reader.next()) all.push(...group);
  return all;
}

const words = (all: readonly LanguageModelV3StreamPart[]): readonly string[] =>
  all.map((part) => ('delta' in part ? `${part.type} ${part.delta}` : part.type));

const answer = `: a comment\r\n\r\nevent: x\ndata: {"choices":[\ndata: {"index":0,"delta":{"content":"Größe "}}]}\n\n${chunk({ content: '🚀 ' })}data:{"choices":[]}\r\n\r\n${finish('stop')}data: [DONE]\n\n`;

it.each([1, 2, 3, 7, 64, 65_536])('reads the same of events split into pieces of %i bytes, also inside characters', async (pieceBytes) => {
  expect(words(await parts(`\uFEFF${answer}`, pieceBytes))).toEqual([
    'stream-start',
    'text-start',
    'text-delta Größe ',
    'text-delta 🚀 ',
    'text-end',
    'finish',
  ]);
});

it('tells reasoning from text, in either spelling, and counts both', async () => {
  const usage = {
    choices: [],
    usage: {
      prompt_tokens: 9,
      completion_tokens: 5,
      completion_tokens_details: { reasoning_tokens: 2 },
      prompt_tokens_details: { cached_tokens: 4 },
    },
  };
  const all = await parts(
    chunk({ reasoning_content: 'hm' }) +
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: ', so' }] }] }) +
      chunk({ content: [{ type: 'text', text: 'Yes' }] }) +
      finish('stop') +
      `data: ${JSON.stringify(usage)}\n\n`,
  );
  expect(words(all)).toEqual([
    'stream-start',
    'reasoning-start',
    'reasoning-delta hm',
    'reasoning-delta , so',
    'reasoning-end',
    'text-start',
    'text-delta Yes',
    'text-end',
    'finish',
  ]);
  expect(all.at(-1)).toMatchObject({
    usage: { inputTokens: { total: 9, noCache: 5, cacheRead: 4 }, outputTokens: { total: 5, text: 3, reasoning: 2 } },
  });
});

it('gives a refusal as text that ends by a content filter, and sources as they are cited', async () => {
  const cited = [{ type: 'url_citation', url_citation: { url: 'https://example.com', title: 'Example' } }];
  const all = await parts(chunk({ refusal: 'I will not.' }) + chunk({ annotations: cited }) + finish('stop'));
  expect(words(all)).toEqual(['stream-start', 'text-start', 'text-delta I will not.', 'source', 'text-end', 'finish']);
  expect(all.at(-1)).toMatchObject({ finishReason: { unified: 'content-filter', raw: 'stop' } });
});

it.each([
  ['is no JSON', 'data: {nonsense}\n\n', 'AI_JSONParseError'],
  ['is no object', 'data: 7\n\n', 'AI_InvalidResponseDataError'],
  ['holds a text that is none', chunk({ content: 7 }), 'AI_InvalidResponseDataError'],
  ['calls a tool that nobody offered', chunk({ tool_calls: [{ index: 0, function: { name: 'x' } }] }), 'AI_InvalidResponseDataError'],
  ['is the last, without a reason to end', '', 'AI_InvalidResponseDataError'],
  ['is the provider’s error', 'data: {"error":{"name":"overloaded"}}\n\n', 'overloaded'],
])('passes on what came before an event that %s, then its error', async (_name, event, error) => {
  const all = await parts(chunk({ content: 'half' }) + event);
  expect(words(all)).toContain('text-delta half');
  expect(all.at(-1)).not.toMatchObject({ type: 'finish' });
  expect(all.find(({ type }) => type === 'error')).toMatchObject({ error: { name: error } });
});
