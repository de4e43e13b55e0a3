import type { Catalog } from '../../subgraphs/sql/service/engine/catalog';
import { compileSchema } from '../../subgraphs/sql/service/engine/schema/compile';
import { draftModel } from '../../subgraphs/sql/service/semantic-model';
import { summariseSql } from './gold';
import { parseSql } from './sql-parser';

const catalog: Catalog = {
  dialect: 'sqlite',
  tables: [
    {
      name: 'author',
      primaryKey: ['id'],
      foreignKeys: [],
      columns: [
        { name: 'id', declaredType: 'int', type: 'integer' },
        { name: 'name', declaredType: 'text', type: 'text' },
        { name: 'born', declaredType: 'int', type: 'integer' },
      ],
    },
    {
      name: 'book',
      primaryKey: ['id'],
      foreignKeys: [{ columns: ['author_id'], table: 'author', targetColumns: ['id'], origin: 'declared' }],
      columns: [
        { name: 'id', declaredType: 'int', type: 'integer' },
        { name: 'author_id', declaredType: 'int', type: 'integer' },
        { name: 'title', declaredType: 'text', type: 'text' },
        { name: 'pages', declaredType: 'int', type: 'integer' },
      ],
    },
  ],
};
const schema = compileSchema(catalog, draftModel(catalog));
const names = (ids: ReadonlySet<number>): string[] =>
  [...ids].map((id) => `${schema.columns[id]!.table.name}.${schema.columns[id]!.name}`).sort();

describe('the summary of a gold query', () => {
  it('finds the role of every column through aliases', () => {
    const gold = summariseSql(
      schema,
      'SELECT T1.name , count(*) FROM author AS T1 JOIN book AS T2 ON T1.id = T2.author_id WHERE T2.pages > 100 GROUP BY T1.id ORDER BY count(*) DESC LIMIT 3',
    );
    expect(names(gold.roles.select)).toEqual(['author.name']);
    expect(names(gold.roles.where)).toEqual(['book.pages']);
    expect(names(gold.roles.group)).toEqual(['author.id']);
    expect(gold.from.size).toBe(2);
    expect(gold.kind).toBe('group');
    expect(gold.sketch).toMatchObject({ items: 1, countRows: 1, group: 1, sort: 8, conditions: 1, set: 0, nested: 0 });
  });

  it('tells NOT IN from a comparison with a computed number, and both from a set operation', () => {
    expect(summariseSql(schema, 'SELECT name FROM author WHERE id NOT IN (SELECT author_id FROM book)').sketch.nested).toBe(1);
    expect(summariseSql(schema, 'SELECT title FROM book WHERE pages > (SELECT avg(pages) FROM book)').sketch.nested).toBe(2);
    expect(
      summariseSql(schema, 'SELECT name FROM author EXCEPT SELECT T1.name FROM author AS T1 JOIN book AS T2 ON T1.id = T2.author_id').kind,
    ).toBe('set operation');
  });

  it('reads quoted text as a value and not as a column', () => {
    const gold = summariseSql(schema, 'SELECT count(DISTINCT title) FROM book WHERE title LIKE "%sea%" OR title = "Emma"');
    expect(names(gold.roles.where)).toEqual(['book.title']);
    expect(gold.sketch).toMatchObject({ countDistinct: 1, countRows: 0, or: 1, conditions: 2 });
  });

  it('names what it cannot parse', () => {
    expect(() => parseSql('SELECT name FROM author )')).toThrow(SyntaxError);
    expect(() => parseSql('DELETE FROM book')).toThrow('select');
  });
});
