import type { Catalog } from '../engine';
import { draftModel } from '../semantic-model';

import { userPrompt } from './prompt';

const wide = (name: string, columns: number): Catalog['tables'][number] => ({
  name,
  primaryKey: ['id'],
  foreignKeys: [],
  columns: Array.from({ length: columns }, (_, place) => ({
    name: place === 0 ? 'id' : place === 777 ? 'gross_weight' : `${name}_field_${place}`,
    declaredType: 'INTEGER',
    type: 'integer' as const,
  })),
});

it('keeps the schema within its budget, with the tables and columns first that the question names', () => {
  const catalog: Catalog = {
    dialect: 'duckdb',
    tables: [...Array.from({ length: 200 }, (_, place) => wide(`other${place}`, 20)), wide('shipments', 900)],
  };
  const prompt = (schemaCharacters: number): string =>
    userPrompt({
      question: 'average gross weight of shipments',
      catalog,
      model: draftModel(catalog),
      examples: [],
      linked: [],
      now: new Date(0),
      schemaCharacters,
    });
  for (const characters of [2_000, 8_000]) {
    const schema = /<schema>\n([\s\S]*)\n<\/schema>/.exec(prompt(characters))![1]!;
    expect(schema.length).toBeLessThanOrEqual(characters);
    expect(schema).toContain('table shipments');
    expect(schema).toContain('gross_weight ');
    expect(schema).toContain('table other');
  }
});
