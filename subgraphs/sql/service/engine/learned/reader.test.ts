import { createSemanticEngine, settleRivals } from '..';
import { draftModel } from '../../semantic-model';
import type { Catalog, CatalogColumn, CatalogTable } from '../catalog';
import { Linker } from '../link/linker';
import { renderTree } from '../render/renderer';
import { compileSchema } from '../schema/compile';
import { LearnedReader, learnedReader } from './index';
import { loadWeights, packWeights, unpackWeights } from './weights';

const text = (name: string, values: string[], distinctCount = values.length): CatalogColumn => ({
  name,
  declaredType: 'text',
  type: 'text',
  values,
  valuesComplete: true,
  distinctCount,
});
const integer = (name: string, min = 1, max = 500): CatalogColumn => ({
  name,
  declaredType: 'int',
  type: 'integer',
  min,
  max,
  distinctCount: 60,
});
const table = (name: string, columns: CatalogColumn[], keys: CatalogTable['foreignKeys'] = []): CatalogTable => ({
  name,
  columns,
  primaryKey: ['id'],
  foreignKeys: keys,
  rowCount: 60,
});

const catalog: Catalog = {
  dialect: 'sqlite',
  tables: [
    table('gardener', [integer('id'), text('name', ['Ida', 'Otto', 'Vera']), integer('age', 18, 80), text('village', ['Ulm', 'Wels'])]),
    table(
      'plant',
      [integer('id'), text('species', ['rose', 'fern', 'oak']), integer('height'), integer('gardener_id')],
      [{ columns: ['gardener_id'], table: 'gardener', targetColumns: ['id'], origin: 'declared' }],
    ),
  ],
};
const schema = compileSchema(catalog, draftModel(catalog));
const linker = new Linker(schema);
const now = new Date('2026-01-01T00:00:00Z');
const reader = learnedReader()!;
const first = (question: string) => {
  const reading = reader.read(linker.link(question, now))[0]!;
  return { sql: renderTree(schema, reading.tree).sql.replace(/\s+/g, ' '), ...reading };
};

describe('the learned reader on a schema it never saw', () => {
  it('leaves none of the columns out that a question lists', () => {
    const { sql } = first('What are the names, ages and villages of all gardeners?');
    expect(sql).toMatch(/FROM gardener$/);
    for (const column of ['name', 'age', 'village']) expect(sql.split(' FROM ')[0]).toContain(column);
  });

  it('counts, lists, filters and orders', () => {
    expect(first('How many gardeners are there?').sql).toMatch(/^SELECT COUNT\(\*\) AS \w+ FROM gardener$/);
    expect(first('What are the names of the gardeners who live in Ulm?').sql).toMatch(
      /SELECT (DISTINCT )?name FROM gardener WHERE village = 'Ulm'/,
    );
    expect(first('List the names of gardeners in descending order of age.').sql).toMatch(/name FROM gardener ORDER BY age DESC/);
  });

  it('joins over the foreign key', () => {
    expect(first('What is the name of the gardener of the plant with species fern?').sql).toMatch(
      /gardener\.name FROM .* JOIN .* ON .*gardener_id.*WHERE plant\.species = 'fern'/,
    );
  });

  it('says the same of the same question, bit for bit', () => {
    const question = linker.link('What is the average age of gardeners in each village?', now);
    expect(reader.read(question)).toEqual(reader.read(question));
  });

  it('is less sure of a question about something else', () => {
    const known = first('What is the average height of plants?').confidence;
    const strange =
      reader.read(linker.link('Who wrote the constitution of the Roman republic and why did it fail?', now))[0]?.confidence ?? 0;
    expect(known).toBeGreaterThan(0.5);
    expect(strange).toBeLessThan(known / 2);
  });

  it('gives probabilities that do not grow down the list', () => {
    const readings = reader.read(linker.link('Show the village with the most gardeners.', now));
    expect(readings.length).toBeGreaterThan(1);
    readings.forEach((reading, index) => {
      expect(reading.confidence).toBeGreaterThanOrEqual(0);
      expect(reading.confidence).toBeLessThanOrEqual(readings[Math.max(0, index - 1)]!.confidence);
    });
  });

  it('reads a follow-up in the light of the query before', () => {
    const engine = createSemanticEngine(catalog, draftModel(catalog));
    const before = engine.generate('What are the names of the gardeners who live in Ulm?', { now });
    const after = engine.generate('What are their ages?', { now, lastTree: before.tree! });
    expect(after.sql!.replace(/\s+/g, ' ')).toMatch(/age FROM gardener WHERE village = 'Ulm'/);
  });

  it.each([
    [
      'keeps what was listed where “which of them” narrows it',
      'Show the name of each gardener.',
      'Which of them live in Ulm?',
      /^SELECT (DISTINCT )?name FROM gardener WHERE village = 'Ulm'/,
    ],
    [
      'lists after a count what is to be sorted',
      'How many gardeners are there?',
      'Sort their names by age.',
      /^SELECT (DISTINCT )?name FROM gardener ORDER BY age/,
    ],
    ['adds up no names', 'What are the names of the gardeners who live in Ulm?', 'How much in total?', /^(?!SELECT (SUM|AVG)\(name)/],
  ] as const)('%s', (_, asked, follow, expected) => {
    const engine = createSemanticEngine(catalog, draftModel(catalog));
    const after = engine.generate(follow, { now, lastTree: engine.generate(asked, { now }).tree! });
    expect(after.sql!.replace(/\s+/g, ' ')).toMatch(expected);
  });

  it('does not answer a follow-up with the query before once more', () => {
    const engine = createSemanticEngine(catalog, draftModel(catalog));
    const before = engine.generate('How many plants are there?', { now });
    expect(engine.generate('What heights were they?', { now, lastTree: before.tree! }).sql).not.toBe(before.sql);
  });

  it('answers nothing over a schema without columns', () => {
    const empty = compileSchema({ dialect: 'sqlite', tables: [] }, draftModel({ dialect: 'sqlite', tables: [] }));
    expect(reader.read(new Linker(empty).link('How many gardeners are there?', now))).toEqual([]);
  });
});

it('refuses weights that were changed', () => {
  const models = loadWeights()!;
  const { file, sha256 } = packWeights(models);
  expect(new LearnedReader(unpackWeights(file, sha256)).read(linker.link('How many plants are there?', now))).toHaveLength(
    reader.read(linker.link('How many plants are there?', now)).length,
  );
  expect(() => unpackWeights(file, '0'.repeat(64))).toThrow('hash');
});

describe('readings that were run', () => {
  const engine = createSemanticEngine(catalog, draftModel(catalog));
  const asked = engine.generate('What are the names of the plants of gardeners?', { now });
  const settled = (rowsOf: (index: number) => string[][] | null) =>
    settleRivals(
      asked,
      [asked, ...asked.alternatives].map((_, index) => rowsOf(index)),
    );

  it('are trusted more where they agree in their rows, and less where they do not', () => {
    const agreeing = settled(() => [['fern'], ['oak']]);
    const differing = settled((index) => [[`row of ${index}`]]);
    expect(agreeing.sql).toBe(asked.sql);
    expect(agreeing.confidence).toBeGreaterThan(differing.confidence);
    expect(agreeing.confidence).toBeLessThanOrEqual(1);
  });

  it('keep their confidence where none but the first was run', () => {
    expect(settled((index) => (index === 0 ? [['fern']] : null)).confidence).toBe(asked.confidence);
  });
});
