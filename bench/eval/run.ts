/**
 * `npm run eval -- --questions FILE.jsonl --databases DIR --out FILE.jsonl [--engine semantic|llm|auto] [--min-confidence P]`
 * Answers every question (or dialogue turn) and writes `{id, sql, confidence, engine, ms}` a line. Gold SQL is never read.
 */
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';

import { createSemanticEngine, settleRivals } from '../../subgraphs/sql/service/engine';
import type { Generation, QueryTree, ResultRows, SemanticEngine } from '../../subgraphs/sql/service/engine';
import { draftModel } from '../../subgraphs/sql/service/semantic-model';
import { openModel, type Answered, type Asked } from './model';
import { readDialogues } from './questions';
import { Sources } from './sources';

const usage = 'npm run eval -- --questions FILE.jsonl --databases DIR --out FILE.jsonl [--engine semantic|llm|auto] [--min-confidence P]';

const fail = (message: string): never => {
  console.error(`${message}\n${usage}`);
  process.exit(64);
};

const readOptions = () => {
  const { values } = parseArgs({
    options: {
      questions: { type: 'string' },
      databases: { type: 'string' },
      out: { type: 'string' },
      engine: { type: 'string', default: 'semantic' },
      'min-confidence': { type: 'string', default: '0' },
    },
  });
  const { questions, databases, out, engine } = values;
  if (!questions || !databases || !out) return fail('--questions, --databases and --out are needed.');
  if (!['semantic', 'llm', 'auto'].includes(engine)) return fail(`--engine is semantic, llm or auto, not ${engine}.`);
  const least = Number(values['min-confidence']);
  if (!(least >= 0 && least <= 1)) return fail('--min-confidence is a number from 0 to 1.');
  return { questions, databases, out, least, strategy: engine as 'semantic' | 'llm' | 'auto' };
};

const main = async (): Promise<void> => {
  const { questions, databases, out, least, strategy } = readOptions();
  // `auto` without a model is the semantic engine, as in a deployment without one.
  const model = strategy === 'semantic' ? null : await openModel();
  if (strategy === 'llm' && !model)
    return fail('--engine llm needs a model: set OPENAI_COMPATIBLE_URL and OPENAI_COMPATIBLE_MODEL, or a provider key.');
  const sources = new Sources(databases);
  const engines = new Map<string, SemanticEngine | undefined>();
  const engineOf = async (id: string): Promise<SemanticEngine | undefined> => {
    if (!engines.has(id)) {
      const source = await sources.get(id);
      engines.set(id, source && createSemanticEngine(source.catalog, draftModel(source.catalog)));
    }
    return engines.get(id);
  };
  /** Rival readings are run on the question's own database; no gold is read. */
  const settle = async (generation: Generation, id: string): Promise<Generation> => {
    const source = await sources.get(id);
    if (!source || generation.weight === undefined) return generation;
    const results: (ResultRows | null)[] = [];
    for (const sql of [generation.sql, ...generation.alternatives.map((rival) => rival.sql)])
      results.push(sql === null ? null : await source.rows(sql).catch(() => null));
    return settleRivals(generation, results);
  };
  const file = createWriteStream(out);
  const times: number[] = [];
  let answered = 0;
  for (const { databaseId, turns } of readDialogues(questions)) {
    const engine = await engineOf(databaseId);
    let lastTree: QueryTree | undefined;
    let before: Asked['before'] = null;
    for (const { id, question } of turns) {
      const started = performance.now();
      const read = tried(id, () => engine?.generate(question, lastTree ? { lastTree } : {}));
      let ms = performance.now() - started;
      const generation = read && (await settle(read, databaseId));
      const database = await sources.get(databaseId);
      let answer: Answered = { sql: generation?.sql ?? null, confidence: generation?.confidence ?? 0, engine: 'semantic' };
      if (model && database) {
        answer = await model.answer({ strategy: strategy as 'llm' | 'auto', question, id: databaseId, database, read: generation, before });
        // The engine's own time is its reading; with a model, everything until the answer is known.
        ms = performance.now() - started;
      }
      times.push(ms);
      // The dialogue goes on from the reading, shown or not.
      if (generation?.tree) lastTree = generation.tree;
      if (answer.sql !== null) before = { tree: lastTree ?? null, question, sql: answer.sql };
      const isSure = answer.sql !== null && answer.confidence >= least;
      if (isSure) answered += 1;
      file.write(
        `${JSON.stringify({ id, sql: isSure ? answer.sql : null, confidence: answer.confidence, engine: answer.engine, ms: Math.round(ms * 100) / 100 })}\n`,
      );
    }
  }
  await new Promise<void>((resolve) => file.end(resolve));
  await sources.close();
  await model?.close();
  times.sort((a, b) => a - b);
  console.log(
    `${times.length} questions, ${answered} answered; ${times[Math.floor(times.length / 2)]?.toFixed(1)} ms median, ${times[Math.floor(times.length * 0.95)]?.toFixed(1)} ms p95`,
  );
};

/** A question that the engine fails on is told and counts as not answered: the others are measured all the same. */
function tried<Result>(id: string, read: () => Result): Result | undefined {
  try {
    return read();
  } catch (thrown) {
    console.error(`${id}: the engine failed`, thrown);
    return undefined;
  }
}

void main().catch((thrown: unknown) => {
  console.error(thrown);
  process.exitCode = 1;
});
