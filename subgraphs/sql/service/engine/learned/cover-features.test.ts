import { draftModel } from '../../semantic-model';
import { Linker } from '../link/linker';
import { compileSchema } from '../schema/compile';
import type { SchemaColumn, SchemaTable } from '../schema/types';
import { bakery } from '../testing/bakery';
import type { BeamInput, Draft } from './beam-types';
import { writeCover } from './cover-features';
import { gatherMentions } from './mentions';
import { RowWriter } from './role-features';

const catalog = bakery();
const schema = compileSchema(catalog, draftModel(catalog));
const question = new Linker(schema).link('Show the name, town and seats of the shops', new Date('2026-01-01T00:00:00Z'));
const input = { question, mentions: gatherMentions(question) } as BeamInput;
const shops = schema.tables.find((table): table is SchemaTable => table.name === 'shops')!;
const column = (name: string): SchemaColumn => shops.columns.find((item) => item.name === name)!;

const featuresOf = (names: readonly string[]): Record<string, number> => {
  const draft = {
    show: { entries: names.map((name) => ({ kind: 'column' as const, column: column(name) })), score: 0, columnScore: 0 },
    where: { atoms: [], or: false, score: 0, unused: 0 },
    clauses: { score: 0, usedNumbers: [] },
    distinct: false,
    through: [],
    score: 0,
    parts: {},
  } satisfies Draft;
  const write = new RowWriter();
  write.begin();
  writeCover(write, input, { draft, tables: new Set([shops]) });
  const row = write.end();
  return Object.fromEntries(write.names.map((name, at) => [name, row[at]!]));
};

describe('what a reading leaves of the words of its question', () => {
  it('loses nothing where every listed column is shown', () => {
    const all = featuresOf(['name', 'town', 'seats']);
    expect(all['cover:lost']).toBeCloseTo(0, 1);
    expect(all['cover:listGap']).toBe(0);
    expect(all['cover:unsaid']).toBeCloseTo(0, 1);
  });

  it('loses the word of a column that is left out, and says what it adds unasked', () => {
    const all = featuresOf(['name', 'town', 'seats']);
    const fewer = featuresOf(['name', 'town']);
    expect(fewer['cover:lost']! - all['cover:lost']!).toBeGreaterThan(0.8);
    expect(fewer['cover:listGap']).toBe(1);
    expect(featuresOf(['name', 'town', 'opened'])['cover:unsaidMost']).toBeGreaterThan(0.8);
  });
});
