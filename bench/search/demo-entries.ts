import { readFileSync } from 'node:fs';
import path from 'node:path';

import { parse } from 'yaml';

import { sourceEntries } from '../../subgraphs/search/service/entries';

import { projectRoot } from '#platform/lifecycle';

interface Named {
  readonly name: string;
  readonly description?: string;
  readonly synonyms?: readonly string[];
}
interface Model {
  readonly entities: readonly (Named & {
    readonly table: string;
    readonly dimensions?: readonly (Named & { readonly column: string; readonly values?: Readonly<Record<string, unknown>> })[];
    readonly measures?: readonly Named[];
  })[];
  readonly metrics?: readonly Named[];
}

/** What the index holds of a demo source: its model, and the comments of its SQL file. */
export function demoEntries(name: 'flights' | 'shop') {
  const folder = path.join(projectRoot, 'subgraphs', 'sql', 'service', 'demo');
  const model = parse(readFileSync(path.join(folder, `${name}.model.yaml`), 'utf8')) as Model;
  const script = readFileSync(path.join(folder, `${name}.sql`), 'utf8');
  const comments = new Map([...script.matchAll(/comment on (?:table|column) (\S+) is '([^']*)'/g)].map(([, of, text]) => [of!, text!]));
  const columnsOf = (table: string, known: readonly string[]): string[] => [
    ...new Set([...known, ...[...comments.keys()].filter((of) => of.startsWith(`${table}.`)).map((of) => of.slice(table.length + 1))]),
  ];
  const named = [...(model.metrics ?? []), ...model.entities.flatMap(({ measures }) => measures ?? [])];
  return sourceEntries({
    id: name,
    name,
    builtIn: true,
    tables: model.entities.map(({ table, dimensions }) => ({
      name: table,
      comment: comments.get(table) ?? null,
      columns: columnsOf(
        table,
        (dimensions ?? []).map(({ column }) => column),
      ).map((column) => ({
        name: column,
        type: 'text',
        comment: comments.get(`${table}.${column}`) ?? null,
      })),
      joins: [],
    })),
    metrics: named.map(({ name: metric, description, synonyms }) => ({
      name: metric,
      description: description ?? null,
      synonyms: synonyms ?? [],
    })),
    values: model.entities.flatMap(({ table, dimensions }) =>
      (dimensions ?? []).flatMap(({ column, values }) =>
        Object.keys(values ?? {}).map((value) => ({ column: `${table}.${column}`, value })),
      ),
    ),
  });
}
