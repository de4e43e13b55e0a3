import type { Caller } from '#platform/auth';

import { AppError, isErrorCode } from '#platform/errors';

import { operation, type GraphClient } from './graph-client';
import { measureQuestion, metricQuestion, type MeasureShape } from './metric-question';

const columns = 'columns { name type kind } rows truncated cacheHit warnings queryId';
const run = operation(`mutation WidgetRun($input: ExecuteSqlInput!) { executeSql(input: $input) { ${columns} } }`);
const ask = operation(`mutation WidgetAsk($input: AskQuestionInput!) {
  askQuestion(input: $input) { ${columns} sql sourceId clarification { question } }
}`);
const askTogether = operation(`mutation WidgetAskTogether($input: AskQuestionsInput!) {
  askQuestions(input: $input) { ${columns} sql sourceId error { code message } }
}`);
const states = operation(`query SourceStates($after: String) {
  sources(first: 100, after: $after) { nodes { id dataVersion refreshedAt } pageInfo { endCursor hasNextPage } }
}`);
const outline = operation(`query WidgetOutline($sourceId: ID!) {
  source(id: $sourceId) { id name }
  semanticModel(sourceId: $sourceId) { model }
}`);
const model = operation('query WidgetModel($sourceId: ID!) { semanticModel(sourceId: $sourceId) { model } }');
const suggest = operation(
  `query WidgetSuggest($sourceId: ID, $limit: Int) { suggestions(sourceId: $sourceId, limit: $limit) { question } }`,
);

interface Rows {
  readonly queryId: string | null;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly kind: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly cacheHit: boolean;
  readonly warnings: readonly string[];
}

interface Answered extends Rows {
  readonly sql: string | null;
  readonly sourceId: string | null;
}

interface Query {
  readonly sql?: string | null;
  readonly question?: string | null;
  readonly metric?: string | null;
  readonly sourceId?: string | null;
  readonly parameters?: Readonly<Record<string, unknown>> | null;
  readonly filters: readonly unknown[];
  readonly maxRows: number;
  readonly refresh: boolean;
}

interface SourcePage {
  readonly nodes: readonly { readonly id: string; readonly dataVersion: string; readonly refreshedAt: string }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

interface ModelShape {
  readonly entities?: readonly EntityShape[];
  readonly metrics?: readonly { readonly name: string }[];
  readonly joins?: readonly { readonly from: string }[];
}

interface EntityShape {
  readonly name: string;
  readonly table: string;
  readonly synonyms?: readonly string[];
  /** The column that names a row. */
  readonly title?: string;
  readonly key?: readonly string[];
  readonly time?: string;
  readonly hidden?: boolean;
  readonly dimensions?: readonly DimensionShape[];
  readonly measures?: readonly MeasureShape[];
}

interface DimensionShape {
  readonly name: string;
  readonly column: string;
  readonly grains?: readonly string[];
  readonly hidden?: boolean;
  readonly pii?: boolean;
}

const spaced = (name: string): string => name.replaceAll('_', ' ');

/** Those of the tables that point at most others come first: sales before price lists. */
function measuresOf(entities: readonly EntityShape[], joins: NonNullable<ModelShape['joins']>): MeasureShape[] {
  const pointsAt = ({ table }: EntityShape): number => joins.filter(({ from }) => from.startsWith(`${table}.`)).length;
  return [...entities].sort((a, b) => pointsAt(b) - pointsAt(a)).flatMap(({ measures }) => measures ?? []);
}

/** What rows can be told apart by: kinds and places first, then what names a row; times and personal data are left out. */
function dimensionsOf(entities: readonly EntityShape[]): string[] {
  const all = entities.flatMap((entity) =>
    (entity.dimensions ?? [])
      .filter(({ grains, hidden, pii }) => !grains && !hidden && !pii)
      .map(({ name, column }) => ({
        // Many tables have a name; whose it is has to be said.
        name: /^(name|title|code|id|label)$/i.test(name) ? `${spaced(entity.name)} ${name}` : spaced(name),
        namesRow: column === entity.title || /(^|_)id$/i.test(column) || (entity.key ?? []).includes(column),
      })),
  );
  return [...new Set([...all.filter(({ namesRow }) => !namesRow), ...all.filter(({ namesRow }) => namesRow)].map(({ name }) => name))];
}

/** Statements, and batches of questions, of one dashboard at once; the sandbox has few processes, and others wait for them too. */
const parallel = 4;

/** Statements and questions of the sql domain, as dashboards run them. */
export function createQueryRunner(graph: GraphClient) {
  const inputOf = ({ sourceId, filters, maxRows, refresh }: Query): object => ({
    sourceId: sourceId ?? null,
    maxRows,
    refresh,
    filters: filters.length > 0 ? filters : null,
  });

  /** A metric is asked for in words that the source's model reads as a number. */
  const asQuestions = async (caller: Caller, queries: readonly Query[]): Promise<Query[]> => {
    const sourceIds = [...new Set(queries.flatMap(({ metric, sourceId }) => (metric && sourceId ? [sourceId] : [])))];
    const read = (sourceId: string) =>
      graph.execute<{ semanticModel: { model: ModelShape } }>(caller, { document: model, variables: { sourceId } });
    // A source that cannot be read fails the widgets that ask it, in their own words.
    const models = new Map(
      await Promise.all(sourceIds.map(async (id) => [id, (await read(id).catch(() => null))?.semanticModel.model] as const)),
    );
    return queries.map((query) =>
      query.metric ? { ...query, question: metricQuestion(query.metric, models.get(query.sourceId ?? '') ?? {}) } : query,
    );
  };

  const runOne = async (caller: Caller, query: Query, signal?: AbortSignal): Promise<Answered> => {
    const { sql, question, sourceId, parameters } = query;
    if (sql) {
      const { executeSql } = await graph.execute<{ executeSql: Rows }>(caller, {
        document: run,
        variables: { input: { ...inputOf(query), sql, parameters: parameters ?? null } },
        signal,
      });
      return { ...executeSql, sql, sourceId: sourceId ?? null };
    }
    const { askQuestion } = await graph.execute<{ askQuestion: Answered & { clarification: { question: string } | null } }>(caller, {
      document: ask,
      variables: { input: { ...inputOf(query), question } },
      signal,
    });
    const { clarification, ...answer } = askQuestion;
    return { ...answer, warnings: clarification ? [...answer.warnings, clarification.question] : answer.warnings };
  };

  /** The questions of one source; where the batch fails as a whole, each is asked by itself. */
  const runQuestions = async (caller: Caller, queries: readonly Query[]): Promise<(Answered | Error)[]> => {
    const questions = queries.map((query) => ({ ...inputOf(query), question: query.question }));
    try {
      const { askQuestions } = await graph.execute<{ askQuestions: (Answered & { error: Problem | null })[] }>(caller, {
        document: askTogether,
        variables: { input: { questions } },
      });
      return askQuestions.map(({ error, ...answer }) => (error ? toError(error) : answer));
    } catch {
      return inTurns(queries, (query) => runOne(caller, query).catch(asError));
    }
  };

  return {
    async run(caller: Caller, query: Query, signal?: AbortSignal): Promise<Answered> {
      const [asked] = await asQuestions(caller, [query]);
      return runOne(caller, asked!, signal);
    },
    async runAll(caller: Caller, wanted: readonly Query[]): Promise<(Answered | Error)[]> {
      const queries = await asQuestions(caller, wanted);
      const answers: (Answered | Error)[] = [];
      await inTurns(batchesOf(queries), async (places) => {
        const asked = places.map((place) => queries[place]!);
        const got = asked.length > 1 ? await runQuestions(caller, asked) : [await runOne(caller, asked[0]!).catch(asError)];
        got.forEach((answer, index) => (answers[places[index]!] = answer));
      });
      return answers;
    },
    async versions(caller: Caller): Promise<ReadonlyMap<string, string>> {
      const versions = new Map<string, string>();
      for (let after: string | null = null, more = true; more;) {
        const { sources }: { sources: SourcePage } = await graph.execute<{ sources: SourcePage }>(caller, {
          document: states,
          variables: { after },
        });
        for (const { id, dataVersion, refreshedAt } of sources.nodes) versions.set(id, `${dataVersion}/${refreshedAt}`);
        ({ endCursor: after, hasNextPage: more } = sources.pageInfo);
      }
      return versions;
    },
    async describe(caller: Caller, sourceId: string) {
      const data = await graph.execute<{ source: { id: string; name: string }; semanticModel: { model: ModelShape } }>(caller, {
        document: outline,
        variables: { sourceId },
      });
      const { entities = [], metrics = [], joins = [] } = data.semanticModel.model;
      const shown = entities.filter(({ hidden }) => !hidden);
      return {
        ...data.source,
        metrics: [...metrics.map(({ name }) => spaced(name)), ...measuresOf(shown, joins).map(measureQuestion)],
        dimensions: dimensionsOf(shown),
        hasTime: shown.some(({ time }) => time !== undefined),
      };
    },
    async suggest(caller: Caller, sourceId: string, limit: number) {
      const data = await graph.execute<{ suggestions: { question: string }[] }>(caller, {
        document: suggest,
        variables: { sourceId, limit },
      });
      return data.suggestions.map(({ question }) => question);
    },
  };
}

interface Problem {
  readonly code: string;
  readonly message: string;
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error('the query failed', { cause: thrown }));

const toError = ({ code, message }: Problem): Error => new AppError(isErrorCode(code) ? code : 'INTERNAL_ERROR', message);

/** Places of queries that go together: each statement by itself, the questions of a source as one. */
function batchesOf(queries: readonly Query[]): (readonly number[])[] {
  const bySource = new Map<string | null, number[]>();
  const alone: number[][] = [];
  queries.forEach(({ sql, sourceId }, place) => {
    if (sql) return alone.push([place]);
    const known = bySource.get(sourceId ?? null);
    return known ? known.push(place) : bySource.set(sourceId ?? null, [place]);
  });
  return [...bySource.values(), ...alone];
}

async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const queue = [...items.entries()];
  const next = async (): Promise<void> => {
    for (let entry = queue.shift(); entry; entry = queue.shift()) results[entry[0]] = await work(entry[1]);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, next));
  return results;
}
