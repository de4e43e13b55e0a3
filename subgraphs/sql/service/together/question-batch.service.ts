import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { toPublicError, readInput } from '#platform/errors';

import type { GenerationResult } from '../generation-result';
import { policy } from '../policy';
import { type Ask } from '../question-input';
import type { QuestionService } from '../question.service';
import type { QueryColumn } from '../sandbox';
import type { RunOutcome, StatementRunner } from '../statement-runner';

import { combine } from './combine';

const batchRules = z.object({ questions: z.array(z.unknown()).min(1).max(200, 'ask at most 200 at once') });

/** Statements of one batch at once; others wait for the sandbox too. */
const parallel = 4;

/** One answer of a batch: rows, or why there are none. */
export interface BatchAnswer {
  readonly sql: string | null;
  readonly sourceId: string | null;
  /** The same for questions whose statements ran as one. */
  readonly queryId: string | null;
  readonly columns: readonly QueryColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly cacheHit: boolean;
  readonly warnings: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

interface Asked {
  readonly place: number;
  readonly question: Ask;
  readonly generated: GenerationResult & { readonly sql: string; readonly source: NonNullable<GenerationResult['source']> };
}

export interface QuestionBatchParts {
  readonly questions: QuestionService;
  readonly runner: StatementRunner;
}

/** Many questions at once, as dashboards ask them: those that read the same rows run as one statement. Each has its own answer or failure. */
export class QuestionBatchService {
  constructor(private readonly parts: QuestionBatchParts) {}

  async ask(caller: Caller, input: unknown, signal?: AbortSignal): Promise<BatchAnswer[]> {
    policy.require(caller, 'query:run');
    const { questions } = readInput(batchRules, input);
    const answers: BatchAnswer[] = [];
    const asked: Asked[] = [];
    for (const [place, question] of questions.entries()) {
      try {
        const prepared = await this.parts.questions.prepare(caller, question, signal);
        if (isRunnable(prepared)) asked.push({ ...prepared, place });
        else answers[place] = unanswered(prepared.generated);
      } catch (error) {
        answers[place] = failed(error);
      }
    }
    const piles = alike(asked).flatMap((members) => this.piles(members));
    const work = async (): Promise<void> => {
      for (let pile = piles.shift(); pile; pile = piles.shift())
        for (const [place, answer] of await this.run(caller, pile, signal)) answers[place] = answer;
    };
    await Promise.all(Array.from({ length: parallel }, work));
    return answers;
  }

  private piles(members: readonly Asked[]): Pile[] {
    const withTree = members.filter(({ generated }) => generated.tree !== null);
    const combined = combine(withTree.map(({ generated }) => ({ sql: generated.sql, tree: generated.tree! })));
    return [
      ...combined.map(({ sql, parts }) => ({
        sql,
        members: parts.map(({ statement, columns }) => ({ asked: withTree[statement]!, columns })),
      })),
      ...members
        .filter(({ generated }) => generated.tree === null)
        .map((asked) => ({ sql: asked.generated.sql, members: [{ asked, columns: [] }] })),
    ];
  }

  /** As one; where that fails, or is cut off before its last row, each by itself: one question's trouble is no other's. */
  private async run(caller: Caller, { sql, members }: Pile, signal?: AbortSignal): Promise<[number, BatchAnswer][]> {
    const [first] = members;
    if (members.length > 1) {
      const question = members.map(({ asked }) => asked.question.question).join('; ');
      const outcome = await this.statement(caller, { ...first!.asked, sql, origin: { question } }, signal).catch(() => null);
      if (outcome && !outcome.truncated) return members.map(({ asked, columns }) => [asked.place, answered(asked, part(outcome, columns))]);
    }
    const answers: [number, BatchAnswer][] = [];
    for (const { asked } of members) {
      const { generated, question, place } = asked;
      const origin = { question: question.question, plan: generated.tree, sessionId: question.sessionId ?? null };
      const answer = await this.statement(caller, { ...asked, sql: generated.sql, origin }, signal).then(
        (outcome) => answered(asked, outcome),
        (error: unknown) => failed(error),
      );
      answers.push([place, answer]);
    }
    return answers;
  }

  private statement(
    caller: Caller,
    { sql, question, generated, origin }: Pick<Asked, 'question' | 'generated'> & { sql: string; origin: object },
    signal?: AbortSignal,
  ): Promise<RunOutcome> {
    const { timeoutSeconds, maxRows, refresh } = question;
    const { source, engine, confidence } = generated;
    return this.parts.runner.run(caller, {
      source,
      sql,
      timeoutSeconds,
      maxRows,
      refresh,
      signal,
      origin: { engine, confidence, ...origin },
    });
  }
}

interface Pile {
  readonly sql: string;
  readonly members: readonly { readonly asked: Asked; readonly columns: readonly number[] }[];
}

const isRunnable = (prepared: {
  question: Ask;
  generated: GenerationResult;
}): prepared is { question: Ask; generated: Asked['generated'] } => {
  const { sql, source, dialect, confidence } = prepared.generated;
  return sql !== null && source !== null && dialect === source.catalog.dialect && confidence >= (prepared.question.minConfidence ?? 0);
};

/** Only what runs on one source, on one state of its data and under the same limits can run as one. */
function alike(asked: readonly Asked[]): Asked[][] {
  const groups = new Map<string, Asked[]>();
  for (const one of asked) {
    const { source } = one.generated;
    const { timeoutSeconds, maxRows, refresh } = one.question;
    const key = JSON.stringify([source.tenantId, source.id, source.dataVersion, timeoutSeconds, maxRows, refresh]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

const part = (outcome: RunOutcome, columns: readonly number[]): RunOutcome => ({
  ...outcome,
  columns: columns.map((place) => outcome.columns[place]!),
  rows: outcome.rows.map((row) => columns.map((place) => row[place]!)),
});

const answered = ({ generated }: Asked, { queryId, columns, rows, truncated, cacheHit }: RunOutcome): BatchAnswer => ({
  sql: generated.sql,
  sourceId: generated.source.id,
  queryId,
  columns,
  rows,
  truncated,
  cacheHit,
  warnings: generated.warnings,
  error: null,
});

const nothing = { queryId: null, columns: [], rows: [], truncated: false, cacheHit: false } as const;

const unanswered = ({ sql, source, warnings, clarification }: GenerationResult): BatchAnswer => ({
  ...nothing,
  sql,
  sourceId: source?.id ?? null,
  warnings: clarification ? [...warnings, clarification.question] : warnings,
  error: null,
});

function failed(thrown: unknown): BatchAnswer {
  const { code, message } = toPublicError(thrown);
  return { ...nothing, sql: null, sourceId: null, warnings: [], error: { code, message } };
}
