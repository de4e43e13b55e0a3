import type { Catalog, CatalogColumn, ColumnType } from '../catalog';

const column = (name: string, type: ColumnType, extra: Partial<CatalogColumn> = {}): CatalogColumn => ({
  name,
  declaredType: type,
  type,
  ...extra,
});

/** A chain of bakeries, written for tests: two ways from shops to people, a table that only links, a fact with dates. */
export const bakery = (): Catalog => ({
  dialect: 'duckdb',
  tables: [
    {
      name: 'shops',
      rowCount: 12,
      primaryKey: ['id'],
      foreignKeys: [
        { columns: ['manager_id'], table: 'people', targetColumns: ['id'], origin: 'declared' },
        { columns: ['owner_id'], table: 'people', targetColumns: ['id'], origin: 'declared' },
      ],
      columns: [
        column('id', 'integer', { distinctCount: 12 }),
        column('name', 'text', { values: ['Sunrise', 'Old Mill', 'Corner Crust'], distinctCount: 12 }),
        column('town', 'text', { values: ['Ulm', 'Bonn', 'Saint-Lô'], distinctCount: 3, valuesComplete: true }),
        column('opened', 'date', { min: '1990-01-01', max: '2024-06-01' }),
        column('seats', 'integer', { min: 0, max: 60 }),
        column('manager_id', 'integer'),
        column('owner_id', 'integer'),
      ],
    },
    {
      name: 'people',
      rowCount: 80,
      primaryKey: ['id'],
      foreignKeys: [],
      columns: [
        column('id', 'integer', { distinctCount: 80 }),
        column('full_name', 'text', { values: ['Ada Kern', 'Jo Lind'], distinctCount: 80 }),
        column('birth_date', 'date'),
        column('salary', 'number', { min: 1800, max: 6400 }),
        column('email', 'text', { nullable: true }),
      ],
    },
    {
      name: 'breads',
      rowCount: 25,
      primaryKey: ['id'],
      foreignKeys: [],
      columns: [
        column('id', 'integer', { distinctCount: 25 }),
        column('title', 'text', { values: ['Rye Loaf', 'Baguette', 'Brioche'], distinctCount: 25 }),
        column('flour', 'text', { values: ['rye', 'wheat', 'spelt'], distinctCount: 3, valuesComplete: true }),
        column('price', 'number', { min: 1, max: 9 }),
      ],
    },
    {
      name: 'sales',
      rowCount: 50_000,
      primaryKey: ['id'],
      foreignKeys: [
        { columns: ['shop_id'], table: 'shops', targetColumns: ['id'], origin: 'declared' },
        { columns: ['bread_id'], table: 'breads', targetColumns: ['id'], origin: 'declared' },
      ],
      columns: [
        column('id', 'integer', { distinctCount: 50_000 }),
        column('shop_id', 'integer'),
        column('bread_id', 'integer'),
        column('sold_at', 'timestamp'),
        column('quantity', 'integer'),
        column('amount', 'number'),
      ],
    },
    {
      name: 'complaints',
      rowCount: 90,
      primaryKey: ['id'],
      foreignKeys: [{ columns: ['shop_id'], table: 'shops', targetColumns: ['id'], origin: 'declared' }],
      columns: [
        column('id', 'integer', { distinctCount: 90 }),
        column('shop_id', 'integer', { nullable: true }),
        column('reason', 'text', { values: ['late', 'stale', 'rude'], distinctCount: 3, valuesComplete: true }),
        column('filed_on', 'date'),
      ],
    },
    {
      name: 'recipes',
      rowCount: 40,
      primaryKey: ['bread_id', 'person_id'],
      foreignKeys: [
        { columns: ['bread_id'], table: 'breads', targetColumns: ['id'], origin: 'declared' },
        { columns: ['person_id'], table: 'people', targetColumns: ['id'], origin: 'declared' },
      ],
      columns: [column('bread_id', 'integer'), column('person_id', 'integer')],
    },
  ],
});
