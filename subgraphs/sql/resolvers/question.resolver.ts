import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';

import { Cost, Rest, type RequestContext } from '#platform/graphql';

import {
  AskQuestionInput,
  ExecuteSqlInput,
  ExplainSqlInput,
  ExtractRowsInput,
  GenerateSqlInput,
  TranspileSqlInput,
  ValidateSqlInput,
  CancelQueryInput,
} from '../schema/question.input';
import { SqlGeneration } from '../schema/generation.type';
import { CancelledQuery } from '../schema/query.type';
import { Answer, ExtractedRows, SqlResult } from '../schema/result.type';
import { QuestionSuggestion } from '../schema/source.type';
import { SqlExplanation, SqlTranspilation, SqlValidation } from '../schema/validation.type';
import type { QuestionService } from '../service/question.service';
import type { ReviewService } from '../service/review.service';
import type { StatementService } from '../service/statement.service';

import { toAnswer, toGeneration } from './present';

const tags = ['Text-to-SQL'];

@Resolver()
export class QuestionResolver {
  constructor(
    private readonly questions: QuestionService,
    private readonly statements: StatementService,
    private readonly review: ReviewService,
  ) {}

  @Rest({ method: 'POST', path: '/sql/generate', tags })
  @Mutation(() => SqlGeneration, {
    description:
      'Writes SQL for a question, with explanation and confidence. It is not run, unless rival readings are compared by their rows where that is cheap.',
  })
  async generateSql(
    @Arg('input', () => GenerateSqlInput) input: GenerateSqlInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<SqlGeneration> {
    return toGeneration(await this.questions.generate(caller, input, signal), input.includeExplanation ?? true);
  }

  @Rest({ method: 'POST', path: '/sql/ask', tags })
  @Mutation(() => Answer, { description: 'Answers a question: writes the SQL, runs it, gives rows, a chart and what stands out.' })
  async askQuestion(
    @Arg('input', () => AskQuestionInput) input: AskQuestionInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<Answer> {
    return toAnswer(await this.questions.ask(caller, input, signal), input.includeExplanation ?? true);
  }

  @Rest({ method: 'POST', path: '/sql/execute', tags })
  @Mutation(() => SqlResult, { description: 'Runs one read-only statement in the sandbox, under row, byte and time caps.' })
  executeSql(@Arg('input', () => ExecuteSqlInput) input: ExecuteSqlInput, @Ctx() { caller, signal }: RequestContext): Promise<SqlResult> {
    return this.statements.execute(caller, input, signal) as unknown as Promise<SqlResult>;
  }

  @Cost(100)
  @Mutation(() => ExtractedRows, { description: 'Runs one read-only statement for many rows: for training models and building indexes.' })
  extractRows(
    @Arg('input', () => ExtractRowsInput) input: ExtractRowsInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<ExtractedRows> {
    return this.statements.extract(caller, input, signal) as unknown as Promise<ExtractedRows>;
  }

  @Rest({ method: 'POST', path: '/sql/validate', tags })
  @Mutation(() => SqlValidation, { description: 'Checks a statement in four stages (security, syntax, tree, schema) without running it.' })
  validateSql(@Arg('input', () => ValidateSqlInput) input: ValidateSqlInput, @Ctx() { caller }: RequestContext): Promise<SqlValidation> {
    return this.review.validate(caller, input) as Promise<SqlValidation>;
  }

  @Rest({ method: 'POST', path: '/sql/explain', tags })
  @Mutation(() => SqlExplanation, { description: 'Reads a statement aloud, clause by clause.' })
  explainSql(@Arg('input', () => ExplainSqlInput) input: ExplainSqlInput, @Ctx() { caller }: RequestContext): Promise<SqlExplanation> {
    return this.review.explain(caller, input) as Promise<SqlExplanation>;
  }

  @Rest({ method: 'POST', path: '/sql/transpile', tags })
  @Mutation(() => SqlTranspilation, { description: 'Rewrites a statement for another engine. A preview: it is never executed.' })
  transpileSql(
    @Arg('input', () => TranspileSqlInput) input: TranspileSqlInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<SqlTranspilation> {
    return this.review.transpile(caller, input) as Promise<SqlTranspilation>;
  }

  @Rest({ method: 'POST', path: '/sql/queries/:query_id/cancel', tags })
  @Mutation(() => CancelledQuery, { description: 'Stops a running query of the caller. Idempotent.' })
  cancelQuery(@Arg('input', () => CancelQueryInput) { queryId }: CancelQueryInput, @Ctx() { caller }: RequestContext): CancelledQuery {
    return this.statements.cancel(caller, queryId);
  }

  @Rest({ method: 'GET', path: '/sql/suggestions', tags })
  @Query(() => [QuestionSuggestion], { description: 'Questions that the sources can answer, completed from what has been typed.' })
  suggestions(
    @Arg('q', () => String, { nullable: true, description: 'What has been typed so far.' }) q: string | undefined,
    @Arg('sourceId', () => ID, { nullable: true, description: 'Only questions of this source.' }) sourceId: string | undefined,
    @Arg('limit', () => Int, { nullable: true, description: 'How many; 1 to 50. Default 10.' }) limit: number | undefined,
    @Ctx() { caller }: RequestContext,
  ): Promise<QuestionSuggestion[]> {
    return this.questions.suggestions(caller, { q: q ?? '', limit: limit ?? 10, ...(sourceId ? { sourceId } : {}) });
  }
}
