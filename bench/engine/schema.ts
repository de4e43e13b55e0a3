import type { Catalog, CatalogColumn, CatalogTable } from '../../subgraphs/sql/service/engine/catalog';

const things = [
  'customer',
  'order',
  'product',
  'supplier',
  'invoice',
  'payment',
  'shipment',
  'employee',
  'department',
  'project',
  'task',
  'contract',
  'region',
  'store',
  'warehouse',
  'campaign',
  'lead',
  'ticket',
  'asset',
  'vehicle',
  'driver',
  'route',
  'trip',
  'station',
  'course',
  'student',
  'teacher',
  'exam',
  'grade',
  'library',
  'book',
  'author',
  'publisher',
  'review',
  'hotel',
  'room',
  'guest',
  'booking',
  'event',
  'sponsor',
];
const towns = ['Lisbon', 'Porto', 'Ghent', 'Turin', 'Oslo', 'Bergen', 'Graz', 'Linz', 'Basel', 'Brno'];

const column = (name: string, type: CatalogColumn['type'], extra: Partial<CatalogColumn> = {}): CatalogColumn => ({
  name,
  declaredType: type,
  type,
  ...extra,
});

/** Forty tables of ten columns, each with a key to the one before it and a thousand names of its own. */
export const wideCatalog = (): Catalog => ({
  dialect: 'duckdb',
  tables: things.map((thing, i): CatalogTable => {
    const before = things[i - 1];
    return {
      name: `${thing}s`,
      rowCount: 10_000 * (i + 1),
      primaryKey: [`${thing}_id`],
      foreignKeys: before ? [{ columns: [`${before}_id`], table: `${before}s`, targetColumns: [`${before}_id`], origin: 'declared' }] : [],
      columns: [
        column(`${thing}_id`, 'integer', { distinctCount: 10_000 * (i + 1) }),
        ...(before ? [column(`${before}_id`, 'integer')] : []),
        column(`${thing}_name`, 'text', {
          values: Array.from({ length: 1_000 }, (_, k) => `${thing} ${towns[k % 10]!} ${k}`),
          distinctCount: 1_000,
        }),
        column('city', 'text', { values: towns, distinctCount: 10, valuesComplete: true }),
        column('status', 'text', { values: ['active', 'closed', 'pending'], distinctCount: 3, valuesComplete: true }),
        column('amount', 'number', { min: 0, max: 10_000 }),
        column('quantity', 'integer', { min: 0, max: 100 }),
        column('created_at', 'timestamp', { min: '2020-01-01', max: '2024-12-31' }),
        column('rating', 'number', { min: 1, max: 5 }),
        column('description', 'text'),
      ],
    };
  }),
});

export const questions: readonly string[] = things
  .slice(0, 30)
  .flatMap((thing, i) => [
    `How many ${thing}s are there in ${towns[i % 10]!}?`,
    `What is the average amount of ${thing}s with status closed?`,
    `List the names of ${thing}s with a rating above 4, sorted by amount descending`,
    `Which ${things[i + 1]!} has the most quantity?`,
    `total amount of ${thing}s by city in 2024`,
    `Show the name and city of ${thing}s that have more than 3 ${things[i + 1]!}s`,
  ]);
