import type { ChatItem, LlamaModule, PromptOptions } from '../../subgraphs/llm/service/providers/llama-module';

export interface StandIn {
  readonly module: LlamaModule;
  /** What each session was asked, in order. */
  readonly asked: { readonly history: readonly ChatItem[]; readonly last: string; readonly options: PromptOptions }[];
  /** The pieces of the next answers. */
  pieces: readonly string[];
  /** Where set, an answer waits for it after its first piece. */
  gate: Promise<void> | null;
  /** Sessions that answer at one moment, at most. */
  most: number;
  cleared: number;
  isDisposed: boolean;
}

/** node-llama-cpp as far as it is used, without a model: the adapter is tested where the package is not installed. */
export function llamaStandIn(): StandIn {
  const meter = { usedInputTokens: 0, usedOutputTokens: 0 };
  let running = 0;
  const sequence = {
    tokenMeter: meter,
    clearHistory: () => {
      standIn.cleared += 1;
      return Promise.resolve();
    },
  };
  class LlamaChatSession {
    private history: readonly ChatItem[] = [];
    setChatHistory(items: readonly ChatItem[]): void {
      this.history = items;
    }
    async promptWithMeta(last: string, options: PromptOptions) {
      standIn.asked.push({ history: this.history, last, options });
      running += 1;
      standIn.most = Math.max(standIn.most, running);
      let [text, produced] = ['', 0];
      meter.usedInputTokens += 7;
      for (const piece of standIn.pieces.slice(0, options.maxTokens)) {
        if (options.signal?.aborted) break;
        text += piece;
        produced += 1;
        meter.usedOutputTokens += 1;
        options.onTextChunk?.(piece);
        if (standIn.gate) await Promise.race([standIn.gate, new Promise((resolve) => options.signal?.addEventListener('abort', resolve))]);
      }
      running -= 1;
      options.signal?.throwIfAborted();
      return { responseText: text, stopReason: produced < standIn.pieces.length ? 'maxTokens' : 'eogToken' };
    }
    dispose(): void {
      this.history = [];
    }
  }
  const standIn: StandIn = {
    asked: [],
    pieces: ['Hello ', 'there.'],
    gate: null,
    most: 0,
    cleared: 0,
    isDisposed: false,
    module: {
      LlamaChatSession,
      getLlama: () =>
        Promise.resolve({
          loadModel: () => Promise.resolve({ createContext: () => Promise.resolve({ getSequence: () => sequence }) }),
          createGrammarForJsonSchema: (schema: unknown) => Promise.resolve({ schema }),
          getGrammarFor: () => Promise.resolve('json'),
          dispose: () => {
            standIn.isDisposed = true;
            return Promise.resolve();
          },
        }),
    },
  };
  return standIn;
}
