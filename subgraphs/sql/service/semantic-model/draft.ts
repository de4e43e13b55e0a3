/** A useful first model from nothing but the catalog: what tables are, what is measured, when things happened, how tables join. */
import type { Catalog, CatalogColumn, CatalogTable } from '../engine/catalog';
import { splitName } from '../engine/text/names';
import type { Dimension, Entity, Join, Measure, SemanticModel } from './types';

export function draftModel(catalog: Catalog): SemanticModel {
  const entities =
    catalog.tables.length === 1 ? [withUsualNames(draftEntity(catalog.tables[0]!), catalog.tables[0]!)] : catalog.tables.map(draftEntity);
  const joins = catalog.tables.flatMap((table) =>
    table.foreignKeys.flatMap((key): Join[] => {
      if (key.columns.length !== 1) return [];
      const target = catalog.tables.find((item) => item.name.toLowerCase() === key.table.toLowerCase());
      const to = key.targetColumns[0] ?? target?.primaryKey[0];
      if (!target || !to) return [];
      const parallel = table.foreignKeys.filter((other) => other.table === key.table).length > 1;
      const column = table.columns.find((item) => item.name === key.columns[0]);
      const unique = column?.distinctCount !== undefined && column.distinctCount === table.rowCount && (table.rowCount ?? 0) > 1;
      return [
        {
          from: `${table.name}.${key.columns[0]!}`,
          to: `${target.name}.${to}`,
          cardinality: unique ? 'one_to_one' : 'many_to_one',
          ...(parallel ? { role: roleName(key.columns[0]!) } : {}),
        },
      ];
    }),
  );
  return { version: 1, entities, joins, metrics: [], policies: [] };
}

const roleName = (column: string): string => column.replace(/_?(id|code|key)$/i, '') || column;

function draftEntity(table: CatalogTable): Entity {
  const keys = new Set([...table.primaryKey, ...table.foreignKeys.flatMap((key) => key.columns)]);
  const measures = table.columns.filter((column) => isMeasure(column, keys));
  const time = pickTime(table);
  return {
    name: singular(splitName(table.name).join(' ')),
    table: table.name,
    ...(table.comment ? { description: table.comment } : {}),
    ...(table.primaryKey.length > 0 ? { key: table.primaryKey } : {}),
    ...(time ? { time: time.name } : {}),
    dimensions: table.columns.filter((column) => !measures.includes(column)).map(draftDimension),
    measures: measures.map(draftMeasure),
  };
}

/** What people call what is added up, whatever its column is called: of the columns that may be meant, the likeliest first. */
const usual: readonly { readonly columns: readonly string[]; readonly names: readonly string[] }[] = [
  {
    columns: ['revenue', 'sales', 'turnover', 'amount', 'total', 'income', 'value'],
    names: ['revenue', 'sales', 'turnover', 'income', 'money', 'earned', 'spent'],
  },
  { columns: ['units', 'quantity', 'qty', 'pieces'], names: ['units', 'quantity', 'pieces', 'units sold', 'items sold'] },
];

/** A single table, such as a file that somebody brings: there is no other table that a usual name could belong to. */
function withUsualNames(entity: Entity, table: CatalogTable): Entity {
  const taken = new Set([table.name, ...table.columns.map(({ name }) => name)].flatMap((name) => [splitName(name).join(' ')]));
  const named = new Map(
    usual.flatMap(({ columns, names }): [string, string[]][] => {
      const sums = entity.measures.filter((measure) => measure.aggregate === 'sum');
      const meant = columns
        .flatMap((word) => sums.filter((measure) => splitName(measure.expression).includes(word)))
        .find((measure) => measure !== undefined);
      return meant ? [[meant.name, names.filter((name) => !taken.has(name))]] : [];
    }),
  );
  return {
    ...entity,
    synonyms: ['row', 'record', 'entry'].filter((name) => !taken.has(name)),
    // The likeliest to be meant by "most" or "best" comes first.
    measures: [
      ...[...named.keys()].flatMap((name) => entity.measures.filter((measure) => measure.name === name)),
      ...entity.measures.filter(({ name }) => !named.has(name)),
    ].map((measure) => ({ ...measure, ...(named.has(measure.name) ? { synonyms: named.get(measure.name)! } : {}) })),
  };
}

const wordsOf = (column: CatalogColumn): string => splitName(column.name).join(' ');

const neverAdded = /\b(id|code|number|year|month|day|week|zip|postal|latitude|longitude|phone|rank|position|age|version|order)\b/;
const isMeasure = (column: CatalogColumn, keys: ReadonlySet<string>): boolean =>
  (column.type === 'integer' || column.type === 'number') &&
  !keys.has(column.name) &&
  !/\b(id|code|zip|postal|phone|year)\b/.test(wordsOf(column));

const averaged =
  /\b(rate|rating|score|price|percent|percentage|average|ratio|temperature|age|height|weight|speed|distance|duration|delay|satisfaction|grade|latitude|longitude|share)\b/;
function draftMeasure(column: CatalogColumn): Measure {
  const words = wordsOf(column);
  return {
    name: words.replace(/ /g, '_'),
    expression: column.name,
    aggregate: averaged.test(words) || neverAdded.test(words) ? 'avg' : 'sum',
    ...(column.comment ? { description: column.comment } : {}),
  };
}

const personal = /\b(email|mail|phone|telephone|mobile|ssn|passport|birth|salary|iban|address|password)\b/;
function draftDimension(column: CatalogColumn): Dimension {
  const dated = column.type === 'date' || column.type === 'timestamp';
  return {
    name: wordsOf(column).replace(/ /g, '_'),
    column: column.name,
    ...(column.comment ? { description: column.comment } : {}),
    ...(dated ? { grains: [...(column.type === 'timestamp' ? (['hour'] as const) : []), 'day', 'week', 'month', 'quarter', 'year'] } : {}),
    ...(personal.test(wordsOf(column)) ? { pii: true } : {}),
  };
}

/** When a row happened: a column that says so beats one that says when it was last touched. */
function pickTime(table: CatalogTable): CatalogColumn | undefined {
  const dates = table.columns.filter((column) => column.type === 'date' || column.type === 'timestamp');
  const score = (column: CatalogColumn) =>
    /\b(updated|modified|deleted|ended|closed|birth)\b/.test(wordsOf(column))
      ? -1
      : /\b(created|ordered|date|opened|started|at)\b/.test(wordsOf(column))
        ? 1
        : 0;
  return [...dates].sort((a, b) => score(b) - score(a))[0];
}

export function singular(name: string): string {
  if (/(ss|us|is|news|series)$/.test(name)) return name;
  if (/ies$/.test(name)) return `${name.slice(0, -3)}y`;
  if (/(ches|shes|xes|sses)$/.test(name)) return name.slice(0, -2);
  return name.endsWith('s') ? name.slice(0, -1) : name;
}
