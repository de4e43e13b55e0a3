import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import type { Target } from './config/active-config';
import type { ConfigDirectory } from './config/config-directory';
import { policy } from './policy';
import type { Embedder } from './ports';
import { parseRequest } from './requests/chat-request';
import { toAttemptFailed } from './resilience/failure';

const request = z.object({
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1, 'give at least one text').max(2_048)]),
  model: z.string().max(300).nullish(),
});

export interface Embeddings {
  readonly model: string;
  readonly vectors: readonly (readonly number[])[];
  readonly tokens: number;
}

const mostBytes = 1_000_000;

const ownNames = ({ model }: Embedder): readonly string[] => ['auto', 'parley', model, `builtin/${model}`];

export class EmbeddingsService {
  constructor(
    private readonly directory: ConfigDirectory,
    private readonly embedder: Embedder | null,
  ) {}

  /** By the built-in embedder, or with `provider/model` by a configured provider. */
  async embed(caller: Caller, body: unknown, signal: AbortSignal): Promise<Embeddings> {
    policy.require(caller, 'llm:route');
    const { input, model } = parseRequest(request, body);
    const texts = typeof input === 'string' ? [input] : input;
    const bytes = texts.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
    if (bytes > mostBytes) throw errors.PAYLOAD_TOO_LARGE({ maxBytes: mostBytes }, { field: 'input' });
    const [name, ...rest] = (model ?? '').split('/');
    const { targets } = await this.directory.active(caller.tenantId);
    const target = targets.find(({ provider }) => provider.name === name);
    if (target && rest.length > 0) return this.embedWith(target, { texts, model: rest.join('/'), signal });
    if (!this.embedder) throw errors.LLM_UNAVAILABLE({ hint: 'no embedder is here; name one as provider/model' });
    // Vectors of another model than was asked for would be mixed with its own by whoever asked.
    if (model && !ownNames(this.embedder).includes(model)) {
      const hint = `it must be auto, ${this.embedder.model}, or provider/model of a configured provider`;
      throw errors.INVALID_REQUEST({ what: 'model', hint }, { field: 'model' });
    }
    const vectors = await this.embedder.embed(texts, signal);
    return { model: this.embedder.model, vectors, tokens: Math.ceil(bytes / 4) };
  }

  /** Name of the built-in embedder, for the list of models. */
  get builtinModel(): string | null {
    return this.embedder && `builtin/${this.embedder.model}`;
  }

  private async embedWith(
    target: Target,
    { texts, model, signal }: { readonly texts: readonly string[]; readonly model: string; readonly signal: AbortSignal },
  ): Promise<Embeddings> {
    const embedding = target.embeddingModel(model);
    if (!embedding) throw errors.INVALID_REQUEST({ what: 'model', hint: `${target.provider.name} has no embeddings` }, { field: 'model' });
    try {
      const result = await embedding.doEmbed({ values: [...texts], abortSignal: signal });
      return { model: `${target.provider.name}/${model}`, vectors: result.embeddings, tokens: result.usage?.tokens ?? 0 };
    } catch (error) {
      if (signal.aborted) throw error;
      const failure = toAttemptFailed(error);
      const { reason } = failure;
      throw errors.LLM_UNAVAILABLE(
        { hint: `${target.provider.name} ${reason}` },
        { details: { reasons: { [`${target.provider.name}/${model}`]: reason }, retryAfterSeconds: 5 }, cause: failure },
      );
    }
  }
}
