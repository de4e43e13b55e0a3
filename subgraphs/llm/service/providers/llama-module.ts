// What is used of node-llama-cpp, version 3. The package is not among our dependencies: it weighs 85 MB and more, and few need it.

export type ChatItem =
  { readonly type: 'system' | 'user'; readonly text: string } | { readonly type: 'model'; readonly response: readonly string[] };

export interface PromptOptions {
  readonly signal?: AbortSignal;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly customStopTriggers?: readonly string[];
  readonly grammar?: unknown;
  readonly onTextChunk?: (text: string) => void;
}

export interface ChatSession {
  setChatHistory(items: readonly ChatItem[]): void;
  promptWithMeta(text: string, options: PromptOptions): Promise<{ readonly responseText: string; readonly stopReason: string }>;
  dispose(): void;
}

export interface Sequence {
  readonly tokenMeter: { readonly usedInputTokens: number; readonly usedOutputTokens: number };
  clearHistory(): Promise<void>;
}

export interface Llama {
  loadModel(options: { readonly modelPath: string }): Promise<{
    createContext(options: {
      readonly contextSize: { readonly max: number };
      readonly threads: number;
    }): Promise<{ getSequence(): Sequence }>;
  }>;
  createGrammarForJsonSchema(schema: unknown): Promise<unknown>;
  getGrammarFor(type: 'json'): Promise<unknown>;
  dispose(): Promise<void>;
}

export interface LlamaModule {
  getLlama(options: { readonly build: 'never'; readonly maxThreads: number; readonly logLevel: 'error' }): Promise<Llama>;
  readonly LlamaChatSession: new (options: { readonly contextSequence: Sequence }) => ChatSession;
}

// Not a literal, so that neither the compiler nor a bundler looks for what need not be there.
const packageName: string = 'node-llama-cpp';

export const importLlama = (): Promise<LlamaModule> => import(packageName) as Promise<LlamaModule>;

export const howToInstall =
  'a local model needs the package node-llama-cpp beside the service: npm install --no-save node-llama-cpp@3.22.1';
