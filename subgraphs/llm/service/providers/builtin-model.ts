import { ReadableStream } from 'node:stream/web';

import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3Prompt,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
} from '@ai-sdk/provider';

import type { Caller } from '#platform/auth';

import type { Analyst, AnalystAnswer } from '../ports';

const about =
  "I am Parley's built-in engine, not a language model: I answer questions about your connected data, such as totals, rankings and trends.";

/** A person reads this table in a chat; the whole result is one click away in the SQL. */
const shownRows = 20;

/** The semantic engine as a chat model: no key, no tokens bought. It says so plainly where only a language model could answer. */
export function builtinModel(caller: Caller, analyst: Analyst | null): LanguageModelV3 {
  const answer = ({ prompt, abortSignal }: LanguageModelV3CallOptions): Promise<string> => reply(lastQuestion(prompt), abortSignal);
  const reply = async (question: string, signal: AbortSignal | undefined): Promise<string> => {
    if (!question) return `${about} Ask me one, for example "total revenue by month".`;
    if (!analyst)
      return `${about} No data engine is connected here, so I cannot answer this. Configure a language model for general questions.`;
    return inWords(await analyst.ask(caller, question, signal ? { signal } : {}));
  };
  return {
    specificationVersion: 'v3',
    provider: 'builtin',
    modelId: 'parley-builtin',
    supportedUrls: {},
    async doGenerate(options) {
      const text = await answer(options);
      return { content: [{ type: 'text', text }], finishReason: { unified: 'stop', raw: 'stop' }, usage: noTokens, warnings: [] };
    },
    async doStream(options) {
      const text = await answer(options);
      return { stream: ReadableStream.from(partsOf(text)) as globalThis.ReadableStream<LanguageModelV3StreamPart> };
    },
  };
}

function inWords({ answered, text, sql, columns, rows, suggestions }: AnalystAnswer): string {
  if (!answered) {
    const offers = suggestions.slice(0, 3).map((suggestion) => `- ${suggestion}`);
    return [
      `${about}\n\nI cannot answer this: ${text}`,
      ...(offers.length > 0 ? [`Questions I can answer:\n${offers.join('\n')}`] : []),
    ].join('\n\n');
  }
  return [text, ...(rows.length > 0 ? [table(columns, rows)] : []), ...(sql ? [`\`\`\`sql\n${sql}\n\`\`\``] : [])].join('\n\n');
}

function table(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const line = (cells: readonly unknown[]): string =>
    `| ${cells
      .map((cell) =>
        String(cell ?? '')
          .replace(/\|/g, '\\|')
          .replace(/\s+/g, ' '),
      )
      .join(' | ')} |`;
  const more = rows.length > shownRows ? `\n\n${rows.length - shownRows} more rows.` : '';
  return [line(columns), line(columns.map(() => '---')), ...rows.slice(0, shownRows).map(line)].join('\n') + more;
}

function* partsOf(text: string): Generator<LanguageModelV3StreamPart> {
  yield { type: 'stream-start', warnings: [] };
  yield { type: 'text-start', id: '0' };
  for (const piece of text.match(/\S+\s*|\s+/g) ?? []) yield { type: 'text-delta', id: '0', delta: piece };
  yield { type: 'text-end', id: '0' };
  yield { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage: noTokens };
}

export function lastQuestion(prompt: LanguageModelV3Prompt): string {
  const last = prompt.findLast((message) => message.role === 'user');
  if (!last || last.role !== 'user') return '';
  return last.content
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')
    .trim();
}

const noTokens: LanguageModelV3Usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 0, text: 0, reasoning: undefined },
};
