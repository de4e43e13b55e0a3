import type {
  LanguageModelV3CallOptions,
  LanguageModelV3Content,
  LanguageModelV3FinishReason,
  LanguageModelV3GenerateResult,
  LanguageModelV3Usage,
} from '@ai-sdk/provider';

import type { Caller } from '#platform/auth';
import { newId } from '#platform/db';
import type { RateLimiter } from '#platform/limits';

import type { BudgetKeeper, Spending } from '../budget/budget-keeper';
import type { AnswerCache, CachedAnswer } from '../cache/answer-cache';
import { cacheKey } from '../cache/cache-key';
import type { ActiveConfig, Target } from '../config/active-config';
import type { ConfigDirectory } from '../config/config-directory';
import { policy } from '../policy';
import { priceOf } from '../providers/prices';
import type { CallClock } from '../resilience/call-clock';
import { AttemptFailed, CallerAborted } from '../resilience/failure';
import type { RouteCall, TokenCount } from '../types';
import type { CallLog } from '../usage/call-log';
import type { LlmMetrics } from '../usage/llm-metrics';
import { replay, textOf, type Answer, type AnswerFacts, type StreamedAnswer } from './answer';
import { AllFailed, runAttempts, type Won } from './attempts';
import { callerGaveUp, interrupted, unavailable } from './failures';
import { openStream, type OpenedStream } from './open-stream';
import { checkJson, checkToolCall } from './output-check';
import { maxAnswerBytes } from './output-limits';
import { plan } from './plan';
import { relay, type StreamEnd, type Streamed } from './relay';
import { Session } from './session';
import { countTokens, likelyTokens, mostTokens } from './tokens';

export interface LlmRouterDeps {
  readonly directory: ConfigDirectory;
  readonly budgets: BudgetKeeper;
  readonly cache: AnswerCache;
  readonly rates: RateLimiter;
  readonly log: CallLog;
  readonly metrics: LlmMetrics;
}

/** Where a budget holds and nobody says how long an answer may be: without an end to it nothing could be reserved. */
const longestBudgetedAnswer = 4_096;

/** The one door to every model: decides, holds the budget, looks in the cache, tries in order, records. */
export class LlmRouter {
  private readonly turns = new Map<string, number>();
  private readonly streaming = new Set<CallClock>();

  constructor(private readonly deps: LlmRouterDeps) {}

  async generate(caller: Caller, call: RouteCall): Promise<Answer> {
    policy.require(caller, 'llm:use');
    const session = await this.begin(caller, call);
    const cached = await this.fromCache(session);
    if (cached) return this.cachedAnswer(session, cached);
    const won = await this.attempt(session, (target, clock) =>
      generateOnce(target, { caller, options: optionsFor(target, session), signal: clock.signal }),
    );
    won.release();
    const { content, finishReason, usage, warnings } = won.value;
    const tokens = countOf(usage, { bytes: session.init.plan.promptBytes, content });
    const costUsd = session.end({
      status: 'answered',
      target: won.target,
      reason: null,
      tokens,
      firstTokenMs: null,
      startedAt: won.startedAt,
      finishReason: finishReason.unified,
    });
    this.keep(session, { won, content, finishReason, tokens, costUsd });
    const facts = this.facts(session, won.target, warnings);
    return {
      content,
      text: textOf(content),
      finishReason,
      tokens,
      costUsd,
      latencyMs: session.elapsedMs,
      attempts: session.attempts,
      ...facts,
    };
  }

  /** Resolves at the first token; rejects where there is none. */
  async stream(caller: Caller, call: RouteCall): Promise<StreamedAnswer> {
    policy.require(caller, 'llm:use');
    const session = await this.begin(caller, call);
    const cached = await this.fromCache(session);
    if (cached) {
      session.fromCache(cached);
      return { parts: replay(cached), ...this.cachedFacts(session, cached) };
    }
    const won = await this.attempt(session, (target, clock) =>
      openStream(target.languageModel(caller), optionsFor(target, session), clock),
    );
    this.streaming.add(won.clock);
    const parts = relay({
      opened: won.value,
      clock: won.clock,
      options: optionsFor(won.target, session),
      onEnd: (end, streamed) => this.endStream(session, won, { end, streamed }),
    });
    return { parts, ...this.facts(session, won.target, []) };
  }

  /** Ends every stream that is open, so that its tokens are settled before the stores close. */
  close(): void {
    for (const clock of this.streaming) clock.shutdown();
  }

  /** True where a real language model is configured, not only the built-in engine. */
  async hasModel(caller: Caller): Promise<boolean> {
    const { targets } = await this.deps.directory.active(caller.tenantId);
    return targets.some(({ provider }) => provider.kind !== 'builtin');
  }

  private async begin(caller: Caller, call: RouteCall): Promise<Session> {
    const active = this.deps.directory.active(caller.tenantId);
    const config = active instanceof Promise ? await active : active;
    const made = plan(config, call, this.nextTurn(caller.tenantId));
    const session = new Session({ id: newId('rd'), caller, call, config, plan: made, log: this.deps.log, metrics: this.deps.metrics });
    if (made.ranked.length > 0) return session;
    session.endWithout('refused');
    throw unavailable({ verdicts: made.verdicts, failures: new Map(), attempts: [], decisionId: session.id });
  }

  private async fromCache(session: Session): Promise<CachedAnswer | null> {
    const { caller, call, config, plan: made } = session.init;
    const [first] = made.ranked;
    const { cache } = config.settings;
    const isVaried = (call.options.temperature ?? 0) > cache.maxTemperature;
    if (!first || first.provider.kind === 'builtin' || cache.mode === 'off' || call.cache === 'off' || isVaried) return null;
    session.cache = 'miss';
    const key = cacheKey(first.provider.name, first.model, call.options);
    const { answer, slot } = await this.deps.cache.find(caller.tenantId, key, cache);
    session.slot = slot;
    return answer;
  }

  private async attempt<Value>(
    session: Session,
    open: (target: Target, clock: Won<Value>['clock']) => Promise<Value>,
  ): Promise<Won<Value>> {
    const { caller, call, config, plan: made } = session.init;
    const { timeouts, maxRetries, budget } = config.settings;
    try {
      session.reservation = await this.deps.budgets.reserve(caller, budget, mostSpending(session));
    } catch (error) {
      session.endWithout('refused');
      throw error;
    }
    const limits = call.stream ? timeouts : { ...timeouts, firstTokenMs: timeouts.totalMs };
    try {
      return await runAttempts({
        ranked: made.ranked,
        limits,
        maxRetries,
        signal: call.options.abortSignal,
        rates: this.deps.rates,
        open,
        onFailed: (failed) => session.failed(failed),
      });
    } catch (error) {
      const wasCancelled = error instanceof CallerAborted;
      session.endWithout(wasCancelled ? 'cancelled' : 'failed');
      if (wasCancelled) throw callerGaveUp(error.cause);
      if (!(error instanceof AllFailed)) throw error;
      throw unavailable({ verdicts: made.verdicts, failures: error.failures, attempts: session.attempts, decisionId: session.id });
    }
  }

  private endStream(
    session: Session,
    won: Won<OpenedStream>,
    { end, streamed }: { readonly end: StreamEnd; readonly streamed: Streamed },
  ): Error | null {
    won.release();
    this.streaming.delete(won.clock);
    const { target, startedAt } = won;
    const bytes = session.init.plan.promptBytes;
    const usage = end.how === 'finished' ? end.usage : undefined;
    // What a provider produced before it broke off, or before the caller left, is paid for.
    const tokens = countOf(usage, { bytes, content: streamed.content });
    const reason = end.how === 'interrupted' ? end.failure.reason : null;
    const status = end.how === 'finished' ? 'answered' : end.how;
    const { firstTokenMs } = won.value;
    const finishReason = end.how === 'finished' ? { finishReason: end.finishReason.unified } : {};
    const costUsd = session.end({ status, target, reason, tokens, firstTokenMs, startedAt, ...finishReason });
    if (end.how === 'finished' && !end.cut)
      this.keep(session, { won, content: streamed.content, finishReason: end.finishReason, tokens, costUsd });
    if (end.how !== 'interrupted') return null;
    target.guard.brokeMidway(end.failure);
    return interrupted(end.failure, { provider: target.provider.name, model: target.model, text: streamed.text, decisionId: session.id });
  }

  private keep(
    session: Session,
    made: {
      won: Won<unknown>;
      content: readonly LanguageModelV3Content[];
      finishReason: LanguageModelV3FinishReason;
      tokens: TokenCount;
      costUsd: number | null;
    },
  ): void {
    const { caller, call, config, plan: planned } = session.init;
    const { won, content, finishReason, tokens, costUsd } = made;
    // An answer of the second choice is not what the same request asks for next time.
    if (!session.slot || won.target !== planned.ranked[0]) return;
    const isWhole = finishReason.unified === 'stop' || finishReason.unified === 'tool-calls';
    if (!isWhole || !content.every((part) => part.type === 'text' || part.type === 'tool-call')) return;
    const answer = {
      provider: won.target.provider.name,
      model: won.target.model,
      content,
      finishReason,
      promptTokens: tokens.prompt,
      completionTokens: tokens.completion,
      costUsd: costUsd ?? 0,
      latencyMs: session.elapsedMs,
      tags: call.tags ?? [],
    };
    this.deps.cache.keep(caller.tenantId, session.slot, { answer, ttlSeconds: config.settings.cache.ttlSeconds });
  }

  private cachedAnswer(session: Session, cached: CachedAnswer): Answer {
    session.fromCache(cached);
    const tokens = {
      prompt: cached.promptTokens,
      completion: cached.completionTokens,
      total: cached.promptTokens + cached.completionTokens,
    };
    const { content, finishReason } = cached;
    return {
      content,
      text: textOf(content),
      finishReason,
      tokens,
      costUsd: 0,
      latencyMs: session.elapsedMs,
      attempts: [],
      ...this.cachedFacts(session, cached),
    };
  }

  private cachedFacts(session: Session, { provider, model, kind }: CachedAnswer): AnswerFacts {
    return { decisionId: session.id, provider, model, cache: kind, warnings: this.budgetWarnings(session) };
  }

  private facts(session: Session, { provider, model }: Target, warnings: readonly string[]): AnswerFacts {
    return {
      decisionId: session.id,
      provider: provider.name,
      model,
      cache: session.cache,
      warnings: [...warnings, ...this.budgetWarnings(session)],
    };
  }

  private budgetWarnings({ init: { caller, config } }: Session): string[] {
    return this.deps.budgets.warnings(caller, config.settings.budget);
  }

  private nextTurn(tenantId: string): number {
    const turn = this.turns.get(tenantId) ?? 0;
    if (this.turns.size > 10_000) this.turns.clear();
    this.turns.set(tenantId, turn + 1);
    return turn;
  }
}

interface Generated {
  readonly content: readonly LanguageModelV3Content[];
  readonly finishReason: LanguageModelV3FinishReason;
  readonly usage: LanguageModelV3Usage;
  readonly warnings: readonly string[];
}

async function generateOnce(
  target: Target,
  call: { readonly caller: Caller; readonly options: LanguageModelV3CallOptions; readonly signal: AbortSignal },
): Promise<Generated> {
  const { options } = call;
  const result: LanguageModelV3GenerateResult = await target
    .languageModel(call.caller)
    .doGenerate(Object.assign({}, options, { abortSignal: call.signal }));
  const { content, finishReason, usage } = result;
  for (const part of content) if (part.type === 'tool-call' && !part.providerExecuted) checkToolCall(part, options);
  if (content.length === 0 && finishReason.unified === 'other') throw new AttemptFailed('invalid_output', { hint: 'the answer was empty' });
  const text = textOf(content);
  if (Buffer.byteLength(text) > maxAnswerBytes) {
    const cut = Buffer.from(text)
      .subarray(0, maxAnswerBytes)
      .toString('utf8')
      .replace(/\uFFFD$/, '');
    return {
      content: [{ type: 'text', text: cut }],
      finishReason: { unified: 'length', raw: 'too_long' },
      usage,
      warnings: [`the answer was cut at ${maxAnswerBytes} bytes`],
    };
  }
  if (finishReason.unified === 'stop') checkJson(text, options);
  return { content, finishReason, usage, warnings: [] };
}

const hasBudget = ({ settings: { budget } }: ActiveConfig): boolean => Object.values(budget).some((limit) => limit !== null);

/** The caller's options within the provider's limits. */
function optionsFor({ provider }: Target, { init: { call, config } }: Session): LanguageModelV3CallOptions {
  const asked =
    call.options.maxOutputTokens ??
    (hasBudget(config) && provider.kind !== 'builtin' ? (provider.maxTokens ?? longestBudgetedAnswer) : undefined);
  const maxOutputTokens =
    asked !== undefined && provider.maxTokens !== null ? Math.min(asked, provider.maxTokens) : (asked ?? provider.maxTokens ?? undefined);
  const { abortSignal: _signal, maxOutputTokens: _asked, ...options } = call.options;
  return maxOutputTokens === undefined ? options : { maxOutputTokens, ...options };
}

/** The most that any candidate may make of this call. */
function mostSpending(session: Session): Spending {
  const { plan: made, call } = session.init;
  const prompt = mostTokens(made.promptBytes, call.options.prompt.length);
  const each = made.ranked
    .filter(({ provider }) => provider.kind !== 'builtin')
    .map((target) => {
      const completion = optionsFor(target, session).maxOutputTokens ?? longestBudgetedAnswer;
      const { provider, model, override } = target;
      return { usd: priceOf({ kind: provider.kind, model, override }, { prompt, completion }) ?? 0, tokens: prompt + completion };
    });
  return { usd: Math.max(0, ...each.map(({ usd }) => usd)), tokens: Math.max(0, ...each.map(({ tokens }) => tokens)) };
}

function countOf(
  usage: LanguageModelV3Usage | undefined,
  made: { readonly bytes: number; readonly content: readonly LanguageModelV3Content[] },
): TokenCount & { cachedPrompt?: number } {
  const prompt = usage?.inputTokens.total ?? likelyTokens(made.bytes);
  const completion =
    usage?.outputTokens.total ??
    countTokens(made.content.map((part) => (part.type === 'text' ? part.text : part.type === 'tool-call' ? part.input : '')).join('\n'));
  const cachedPrompt = usage?.inputTokens.cacheRead;
  return { prompt, completion, total: prompt + completion, ...(cachedPrompt ? { cachedPrompt } : {}) };
}
