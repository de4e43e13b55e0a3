import type { Caller } from '#platform/auth';

import type { Target } from './config/active-config';
import type { ConfigDirectory } from './config/config-directory';
import { policy } from './policy';
import { chatRequest, parseRequest } from './requests/chat-request';
import { toCallOptions } from './requests/to-call-options';
import type { Answer, StreamedAnswer } from './router/answer';
import type { LlmRouter } from './router/llm-router';
import type { RouteCall } from './types';

export interface RouteRequest extends Pick<RouteCall, 'strategy' | 'cache' | 'tags' | 'usageId'> {
  readonly purpose: 'route' | 'openai';
  /** In OpenAI's shape; checked here. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

/** The router's doors for callers from outside: a request in OpenAI's shape in, an answer or a stream out. */
export class RouteService {
  constructor(
    private readonly router: LlmRouter,
    private readonly directory: ConfigDirectory,
  ) {}

  /** One whole answer. */
  async route(caller: Caller, request: RouteRequest): Promise<Answer> {
    policy.require(caller, 'llm:route');
    return this.router.generate(caller, toCall(request, false));
  }

  async stream(caller: Caller, request: RouteRequest): Promise<StreamedAnswer> {
    policy.require(caller, 'llm:route');
    return this.router.stream(caller, toCall(request, true));
  }

  async models(caller: Caller): Promise<readonly Target[]> {
    policy.require(caller, 'llm:use');
    return (await this.directory.active(caller.tenantId)).targets;
  }
}

function toCall({ body, signal, ...about }: RouteRequest, stream: boolean): RouteCall {
  const request = parseRequest(chatRequest, body);
  return { options: toCallOptions(request, signal), stream, ...about, ...(request.model ? { model: request.model } : {}) };
}
