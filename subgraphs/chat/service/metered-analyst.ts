import type { Caller } from '#platform/auth';

import type { Analyst, AnalystAnswer, AskRequest, RefineRequest } from './ports';

/** The analyst of one turn: what language models take to read its questions counts towards the turn's message. */
export class MeteredAnalyst implements Analyst {
  /** Of the answers so far, prompt and completion together. */
  tokensUsed = 0;

  readonly runSql: Analyst['runSql'] = (caller, request) => this.analyst.runSql(caller, request);
  readonly describe: Analyst['describe'] = (caller, request) => this.analyst.describe(caller, request);
  readonly suggest: Analyst['suggest'] = (caller, request) => this.analyst.suggest(caller, request);

  constructor(
    private readonly analyst: Analyst,
    private readonly messageId: string,
  ) {}

  async ask(caller: Caller, request: AskRequest): Promise<AnalystAnswer> {
    return this.count(await this.analyst.ask(caller, { ...request, usageId: this.messageId }));
  }

  async refine(caller: Caller, request: RefineRequest): Promise<AnalystAnswer> {
    return this.count(await this.analyst.refine(caller, { ...request, usageId: this.messageId }));
  }

  private count(answer: AnalystAnswer): AnalystAnswer {
    this.tokensUsed += answer.tokensUsed ?? 0;
    return answer;
  }
}
