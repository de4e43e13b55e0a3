import { createSemanticEngine } from '.';
import { bakery } from './testing/bakery';
import { bakeryModel } from './testing/bakery-model';

const now = new Date('2024-11-20T12:00:00Z');
const words = [...Object.getOwnPropertyNames(Object.prototype), 'prototype'];
const questions = (word: string): string[] => [
  `How many ${word}s are there?`,
  `revenue by ${word} in 2024`,
  `top 3 ${word} by revenue on ${word}`,
  `which ${word} has the most sales per ${word}`,
  word,
];
const described = createSemanticEngine(bakery(), bakeryModel());
const nothingSaid = { version: 1, name: 'bare', entities: [], joins: [], metrics: [], policies: [] } as const;
const bare = createSemanticEngine(bakery(), nothingSaid as never);
const { tree: lastTree } = described.generate('revenue by month in 2024', { now });

function withTable(name: string) {
  const catalog = bakery();
  const [first, ...others] = catalog.tables;
  const [column, ...columns] = first!.columns;
  const renamed = { ...first!, name, columns: [{ ...column!, name }, ...columns] };
  return createSemanticEngine({ ...catalog, tables: [renamed, ...others] }, nothingSaid as never);
}

it.each(words)('reads “%s” as a word like any other, also as the name of a table and of a column', (word) => {
  const named = withTable(word);
  const asked = [described, bare, named].flatMap((engine) => questions(word).map((question) => engine.generate(question, { now })));
  const edited = [`only ${word}`, `by ${word} instead`].map((follow) => described.generate(follow, { now, lastTree: lastTree! }));
  for (const { confidence } of [...asked, ...edited]) expect(confidence).toBeGreaterThanOrEqual(0);
});

it.each(['constructor', 'prototype'])('counts the rows of a table called %s', (word) => {
  expect(withTable(word).generate(`How many ${word}s are there?`, { now }).sql).toMatch(new RegExp(`FROM ${word}$`));
});
