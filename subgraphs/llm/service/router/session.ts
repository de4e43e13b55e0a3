import { SpanKind, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';

import type { Caller } from '#platform/auth';

import type { Reservation } from '../budget/budget-keeper';
import type { CacheSlot, CachedAnswer } from '../cache/answer-cache';
import type { ActiveConfig, Target } from '../config/active-config';
import { priceOf } from '../providers/prices';
import type { Attempt, FailureReason, RouteCall, TokenCount } from '../types';
import type { CallEntry, CallLog, DecisionEntry } from '../usage/call-log';
import { genAiName, type LlmMetrics } from '../usage/llm-metrics';
import type { Plan } from './plan';

export interface SessionInit {
  readonly id: string;
  readonly caller: Caller;
  readonly call: RouteCall;
  readonly config: ActiveConfig;
  readonly plan: Plan;
  readonly log: CallLog;
  readonly metrics: LlmMetrics;
}

export interface SessionEnd {
  readonly status: 'answered' | 'interrupted' | 'cancelled';
  readonly target: Target;
  readonly reason: FailureReason | null;
  readonly tokens: TokenCount & { readonly cachedPrompt?: number };
  readonly firstTokenMs: number | null;
  readonly startedAt: number;
  readonly finishReason?: string;
}

interface Measured {
  readonly outcome: 'answered' | 'cached' | 'failed' | 'interrupted' | 'cancelled';
  readonly latencyMs: number;
  readonly tokens?: TokenCount;
  readonly costUsd?: number;
  readonly firstTokenMs?: number | null;
}

const tracer = trace.getTracer('parley.llm');

const requestAttributes = ({ options }: RouteCall): Attributes => ({
  'gen_ai.output.type': options.responseFormat?.type === 'json' ? 'json' : 'text',
  ...(options.maxOutputTokens === undefined ? {} : { 'gen_ai.request.max_tokens': options.maxOutputTokens }),
  ...(options.temperature === undefined ? {} : { 'gen_ai.request.temperature': options.temperature }),
  ...(options.topP === undefined ? {} : { 'gen_ai.request.top_p': options.topP }),
});

/** One request's way through the router: what was decided, tried, spent and at last recorded. */
export class Session {
  readonly createdAt = new Date();
  readonly begunAt = performance.now();
  readonly attempts: Attempt[] = [];
  cache: 'off' | 'miss' | 'exact' | 'semantic' = 'off';
  slot: CacheSlot | null = null;
  reservation: Reservation = { settle: () => undefined };
  private readonly span: Span;
  private readonly entries: CallEntry[] = [];
  private isOver = false;

  constructor(readonly init: SessionInit) {
    // OpenTelemetry semantic conventions for generative AI; prompts and answers are never attributes.
    this.span = tracer.startSpan('chat', {
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.operation.name': 'chat',
        ...requestAttributes(init.call),
        'parley.llm.decision_id': init.id,
        'parley.llm.strategy': init.plan.strategy,
        'parley.llm.purpose': init.call.purpose,
      },
    });
  }

  get id(): string {
    return this.init.id;
  }

  get elapsedMs(): number {
    return Math.round((performance.now() - this.begunAt) * 10) / 10;
  }

  /** An attempt that came to nothing; whether it was the request's last is known only at the end. */
  failed(attempt: Attempt): void {
    this.attempts.push(attempt);
    const target = this.init.plan.ranked.find(({ provider, model }) => provider.name === attempt.provider && model === attempt.model);
    const status = attempt.outcome === 'cancelled' ? 'cancelled' : 'failed';
    this.enter(attempt, { status, reason: attempt.reason, latency_ms: attempt.latencyMs });
    if (target) this.measure(target, { outcome: status, latencyMs: attempt.latencyMs });
  }

  /** No attempt was made, or none succeeded. */
  endWithout(status: 'failed' | 'cancelled' | 'refused'): void {
    if (this.isOver) return;
    this.reservation.settle({ usd: 0, tokens: 0 });
    const last = this.entries.at(-1);
    if (last) last.is_last = true;
    this.span.setAttribute('error.type', last?.reason ?? status);
    this.span.setStatus({ code: SpanStatusCode.ERROR, message: status });
    this.close({ status, provider: null, model: null });
  }

  fromCache(answer: CachedAnswer): void {
    this.cache = answer.kind;
    const latency = this.elapsedMs;
    const saved = { saved_usd: answer.costUsd.toFixed(9), saved_ms: Math.max(0, answer.latencyMs - latency) };
    const tokens = { prompt_tokens: answer.promptTokens, completion_tokens: answer.completionTokens };
    this.enter(answer, { status: 'cached', cache: answer.kind, latency_ms: latency, is_last: true, ...tokens, ...saved });
    const [target] = this.init.plan.ranked;
    if (target) this.measure(target, { outcome: 'cached', latencyMs: latency });
    this.span.updateName(`chat ${answer.model}`);
    this.span.setAttributes({ 'gen_ai.request.model': answer.model, 'parley.llm.cache': answer.kind });
    this.close({ status: 'cached', provider: answer.provider, model: answer.model });
  }

  /** The last attempt ended, well or not. Returns what it cost; null where no price is known. */
  end({ status, target, reason, tokens, firstTokenMs, startedAt, finishReason }: SessionEnd): number | null {
    if (this.isOver) return null;
    const { provider, model, override } = target;
    const price = priceOf({ kind: provider.kind, model, override }, tokens);
    const latencyMs = performance.now() - startedAt;
    this.reservation.settle(provider.kind === 'builtin' ? { usd: 0, tokens: 0 } : { usd: price ?? 0, tokens: tokens.total });
    this.attempts.push({
      provider: provider.name,
      model,
      outcome: status,
      reason,
      latencyMs: Math.round(latencyMs * 10) / 10,
      status: null,
    });
    const used = { provider: provider.name, model };
    this.enter(used, {
      status,
      reason,
      prompt_tokens: tokens.prompt,
      completion_tokens: tokens.completion,
      cost_usd: (price ?? 0).toFixed(9),
      latency_ms: latencyMs,
      first_token_ms: firstTokenMs,
      is_last: true,
    });
    if (status === 'answered') target.guard.measured({ firstTokenMs, totalMs: latencyMs });
    this.measure(target, { outcome: status, latencyMs, tokens, costUsd: price ?? 0, firstTokenMs });
    this.span.updateName(`chat ${model}`);
    this.span.setAttributes({
      'gen_ai.provider.name': genAiName[provider.kind],
      'gen_ai.request.model': model,
      'gen_ai.response.model': model,
      'gen_ai.usage.input_tokens': tokens.prompt,
      'gen_ai.usage.output_tokens': tokens.completion,
      ...(finishReason ? { 'gen_ai.response.finish_reasons': [finishReason] } : {}),
    });
    if (status === 'interrupted') {
      this.span.setAttribute('error.type', reason ?? status);
      this.span.setStatus({ code: SpanStatusCode.ERROR, message: reason ?? status });
    }
    this.close({ status, provider: provider.name, model });
    return price;
  }

  private close(outcome: Pick<DecisionEntry, 'status' | 'provider' | 'model'>): void {
    this.isOver = true;
    this.span.end();
    const { id, caller, plan, log } = this.init;
    const { strategy, request, verdicts } = plan;
    log.add(
      caller.tenantId,
      { id, userId: caller.userId, strategy, request, verdicts, attempts: this.attempts, createdAt: this.createdAt, ...outcome },
      this.entries,
    );
  }

  private enter(
    { provider, model }: Pick<Attempt, 'provider' | 'model'>,
    facts: Pick<CallEntry, 'status' | 'latency_ms'> & Partial<CallEntry>,
  ): void {
    const { id, caller, call } = this.init;
    this.entries.push({
      decision_id: id,
      user_id: caller.userId,
      usage_id: call.usageId ?? null,
      purpose: call.purpose,
      provider,
      model,
      streamed: call.stream,
      reason: null,
      cache: this.cache,
      prompt_tokens: 0,
      completion_tokens: 0,
      cost_usd: '0',
      saved_usd: '0',
      saved_ms: 0,
      first_token_ms: null,
      is_last: false,
      ...facts,
    });
  }

  private measure({ provider }: Target, { outcome, latencyMs, tokens, costUsd = 0, firstTokenMs = null }: Measured): void {
    this.init.metrics.record({
      kind: provider.kind,
      outcome,
      seconds: latencyMs / 1_000,
      firstTokenSeconds: firstTokenMs === null ? null : firstTokenMs / 1_000,
      promptTokens: tokens?.prompt ?? 0,
      completionTokens: tokens?.completion ?? 0,
      costUsd,
    });
  }
}
