import { access } from 'node:fs/promises';
import path from 'node:path';
import { ReadableStream } from 'node:stream/web';

import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3FinishReason,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
} from '@ai-sdk/provider';

import { AttemptFailed } from '../resilience/failure';
import { howToInstall, importLlama, type Llama, type LlamaModule, type Sequence } from './llama-module';
import { toLocalPrompt } from './local-prompt';

export interface LocalModelOptions {
  /** A GGUF file of this machine. Named by the operator, never by a tenant. */
  readonly path: string;
  /** @default 2 */
  readonly threads?: number;
  /** @default 8_192 tokens */
  readonly contextTokens?: number;
  /** For tests. */
  readonly load?: () => Promise<LlamaModule>;
}

interface Loaded {
  readonly module: LlamaModule;
  readonly llama: Llama;
  readonly sequence: Sequence;
}

interface Answered {
  readonly finishReason: LanguageModelV3FinishReason;
  readonly usage: LanguageModelV3Usage;
}

export const localContextTokens = 8_192;
export const localModelName = (file: string): string => path.basename(file).replace(/\.gguf$/i, '');

const finishReasons: Readonly<Record<string, LanguageModelV3FinishReason['unified']>> = {
  eogToken: 'stop',
  stopGenerationTrigger: 'stop',
  customStopTrigger: 'stop',
  maxTokens: 'length',
};

/**
 * A GGUF file as a model of the AI SDK, loaded at its first call. It has one context, so calls take turns: a machine that shares its
 * cores among several answers at once finishes none of them sooner.
 */
export class LocalModel {
  private loading: Promise<Loaded> | null = null;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: LocalModelOptions) {}

  languageModel(): LanguageModelV3 {
    return {
      specificationVersion: 'v3',
      provider: 'local',
      modelId: localModelName(this.options.path),
      supportedUrls: {},
      doGenerate: async (call) => {
        let text = '';
        const answered = await this.answer(call, (piece) => (text += piece));
        return { content: [{ type: 'text', text }], ...answered, warnings: [] };
      },
      doStream: (call) => Promise.resolve({ stream: this.stream(call) as globalThis.ReadableStream<LanguageModelV3StreamPart> }),
    };
  }

  async close(): Promise<void> {
    const loaded = await this.loading?.catch(() => null);
    await loaded?.llama.dispose();
  }

  private stream(call: LanguageModelV3CallOptions): ReadableStream<LanguageModelV3StreamPart> {
    const gone = new AbortController();
    const abortSignal = call.abortSignal ? AbortSignal.any([call.abortSignal, gone.signal]) : gone.signal;
    return new ReadableStream<LanguageModelV3StreamPart>({
      start: (controller) => {
        controller.enqueue({ type: 'stream-start', warnings: [] });
        controller.enqueue({ type: 'text-start', id: '0' });
        this.answer({ ...call, abortSignal }, (delta) => controller.enqueue({ type: 'text-delta', id: '0', delta })).then(
          (answered) => {
            controller.enqueue({ type: 'text-end', id: '0' });
            controller.enqueue({ type: 'finish', ...answered });
            controller.close();
          },
          (error: unknown) => {
            if (!gone.signal.aborted) controller.error(error);
          },
        );
      },
      cancel: () => gone.abort(),
    });
  }

  private answer(call: LanguageModelV3CallOptions, onText: (text: string) => void): Promise<Answered> {
    const answering = this.turn.then(async () => {
      call.abortSignal?.throwIfAborted();
      return this.prompt(await this.loaded(), call, onText);
    });
    this.turn = answering.catch(() => undefined);
    return answering;
  }

  private async prompt(
    { module, llama, sequence }: Loaded,
    call: LanguageModelV3CallOptions,
    onTextChunk: (text: string) => void,
  ): Promise<Answered> {
    const { history, last } = toLocalPrompt(call.prompt);
    const { usedInputTokens, usedOutputTokens } = sequence.tokenMeter;
    const session = new module.LlamaChatSession({ contextSequence: sequence });
    try {
      session.setChatHistory(history);
      const { stopReason } = await session.promptWithMeta(last, {
        onTextChunk,
        ...(await grammarOf(llama, call)),
        ...(call.abortSignal ? { signal: call.abortSignal } : {}),
        ...(call.maxOutputTokens === undefined ? {} : { maxTokens: call.maxOutputTokens }),
        ...(call.temperature === undefined ? {} : { temperature: call.temperature }),
        ...(call.topP === undefined ? {} : { topP: call.topP }),
        ...(call.seed === undefined ? {} : { seed: call.seed }),
        ...(call.stopSequences ? { customStopTriggers: call.stopSequences } : {}),
      });
      const [input, output] = [
        sequence.tokenMeter.usedInputTokens - usedInputTokens,
        sequence.tokenMeter.usedOutputTokens - usedOutputTokens,
      ];
      return {
        finishReason: { unified: finishReasons[stopReason] ?? 'other', raw: stopReason },
        usage: {
          inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
          outputTokens: { total: output, text: output, reasoning: undefined },
        },
      };
    } finally {
      session.dispose();
      // What one caller asked must not be in the context of the next.
      await sequence.clearHistory();
    }
  }

  private loaded(): Promise<Loaded> {
    this.loading ??= this.load().catch((error: unknown) => {
      // Tried again by the next call: a file may arrive, a package be installed.
      this.loading = null;
      throw error;
    });
    return this.loading;
  }

  private async load(): Promise<Loaded> {
    const { path: modelPath, threads = 2, contextTokens = localContextTokens, load = importLlama } = this.options;
    const module = await load().catch((error: unknown) => {
      throw new AttemptFailed('not_loaded', { hint: howToInstall, cause: error });
    });
    await access(modelPath).catch(() => {
      throw new AttemptFailed('not_loaded', { hint: `there is no readable file ${path.basename(modelPath)} at LOCAL_MODEL_PATH` });
    });
    try {
      // The default number of threads is that of the cores, and collapses where they are busy.
      const llama = await module.getLlama({ build: 'never', maxThreads: threads, logLevel: 'error' });
      const model = await llama.loadModel({ modelPath });
      const context = await model.createContext({ contextSize: { max: contextTokens }, threads });
      return { module, llama, sequence: context.getSequence() };
    } catch (error) {
      throw new AttemptFailed('not_loaded', { hint: `${path.basename(modelPath)} is no model that llama.cpp can load`, cause: error });
    }
  }
}

async function grammarOf(llama: Llama, { responseFormat }: LanguageModelV3CallOptions): Promise<{ grammar?: unknown }> {
  if (responseFormat?.type !== 'json') return {};
  return { grammar: await (responseFormat.schema ? llama.createGrammarForJsonSchema(responseFormat.schema) : llama.getGrammarFor('json')) };
}
