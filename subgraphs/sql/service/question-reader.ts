import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import type { Author, PreviousQuery } from './authors/author';
import type { QueryTree } from './engine';
import type { GenerationResult } from './generation-result';
import type { QueryHistory } from './query-history';
import type { Question } from './question-input';
import type { SourceDirectory } from './sources/source-directory';
import type { ReadySource } from './sources/ready-source';

export interface QuestionReaderParts {
  readonly directory: SourceDirectory;
  /** In the order in which they are asked: verified queries, the semantic engine, a model. */
  readonly authors: readonly Author[];
  readonly history: QueryHistory;
  readonly now: () => Date;
}

export interface ReadQuestion {
  readonly generated: GenerationResult;
  /** The query that "undo" would go back to from this one. */
  readonly previousId: string | null;
}

interface Previous extends PreviousQuery {
  readonly sourceId: string;
  readonly id: string;
  readonly beforeId: string | null;
}

/** Finds the source that a question is about and the best SQL that its authors write. Internal: permission was checked by the service. */
export class QuestionReader {
  constructor(private readonly parts: QuestionReaderParts) {}

  async read(caller: Caller, question: Question, signal?: AbortSignal): Promise<ReadQuestion> {
    const previous = question.previousQueryId ? await this.previous(caller, question.previousQueryId) : null;
    const sources = await this.sourcesFor(caller, { question, previous });
    const free = await Promise.all(sources.map((source) => this.write(caller, { question, source, previous, signal, costly: false })));
    const { source, best } = surest(sources, free);
    const generated = await this.write(caller, {
      question,
      source,
      previous,
      signal,
      costly: true,
      ...(best ? { best } : {}),
    });
    if (!generated || (question.strategy === 'llm' && generated.engine !== 'llm'))
      throw errors.LLM_UNAVAILABLE({ hint: 'strategy llm needs a configured language model; use auto or semantic' });
    const isUndone = previous !== null && generated.tree !== null && generated.tree === previous.history.at(-1);
    return { generated, previousId: isUndone ? previous.beforeId : (previous?.id ?? null) };
  }

  /** Authors that cost nothing read every source, if only to find the right one; one that costs is asked about that source alone. */
  private async write(
    caller: Caller,
    {
      costly,
      best: before,
      ...reading
    }: {
      question: Question;
      source: ReadySource;
      previous: Previous | null;
      signal?: AbortSignal | undefined;
      costly: boolean;
      best?: GenerationResult;
    },
  ): Promise<GenerationResult | undefined> {
    let best = before;
    const isForModel = reading.question.strategy === 'llm';
    for (const author of this.parts.authors) {
      if (!isForModel && best && best.sql !== null && best.confidence >= author.enough) break;
      if (author.costs !== costly || (costly && !author.writesFor(reading.question.strategy ?? 'auto'))) continue;
      const previous = reading.previous?.sourceId === reading.source.id ? reading.previous : null;
      const written = await author.write(caller, {
        question: reading.question,
        source: reading.source,
        previous,
        now: this.parts.now(),
        ...(reading.signal ? { signal: reading.signal } : {}),
        ...(best ? { best } : {}),
      });
      if (written && (isForModel || !best || written.confidence > best.confidence || best.sql === null)) best = written;
    }
    return best;
  }

  /** A follow-up stays with the source of the query that it follows. */
  private async sourcesFor(
    caller: Caller,
    { question, previous }: { question: Question; previous: Previous | null },
  ): Promise<ReadySource[]> {
    const id = question.sourceId ?? previous?.sourceId;
    if (id) return [await this.parts.directory.require(caller, id)];
    const ready = (await this.parts.directory.list(caller)).filter(({ status }) => status === 'ready');
    if (ready.length > 0) return ready;
    throw errors.INVALID_REQUEST(
      { what: 'source_id', hint: 'this tenant has no source yet: add one at /api/v1/sql/sources' },
      { field: 'source_id' },
    );
  }

  private async previous(caller: Caller, id: string): Promise<Previous> {
    const [query, ...before] = await this.parts.history.chain(caller, id);
    if (!query) throw errors.NOT_FOUND({ kind: 'query' }, { field: 'previous_query_id' });
    const trees = before
      .filter(({ source_id, plan }) => source_id === query.source_id && plan !== null)
      .map(({ plan }) => plan as QueryTree);
    return {
      id,
      sourceId: query.source_id,
      tree: query.plan as QueryTree | null,
      history: trees.reverse(),
      question: query.question,
      sql: query.sql,
      beforeId: before[1]?.id ?? null,
    };
  }
}

/** The source with the surest reading; where none has one, the source that understood most words gives the clarification. */
function surest(
  sources: readonly ReadySource[],
  readings: readonly (GenerationResult | undefined)[],
): { source: ReadySource; best: GenerationResult | undefined } {
  const points = readings.map((reading) =>
    !reading ? -Infinity : reading.sql !== null ? 1 + reading.confidence : -(reading.clarification?.notUnderstood.length ?? 0),
  );
  const place = points.indexOf(Math.max(...points));
  return { source: sources[place]!, best: readings[place] };
}
