/** Catalog + semantic model → Schema. */
import type { Catalog, CatalogColumn, CatalogTable } from '../catalog';
import type { Dimension, Entity, Measure, SemanticModel } from '../../semantic-model/types';
import { schemaVocabulary } from '../lexicon/en/vocabulary';
import { abbreviations } from '../lexicon/en/words';
import { splitName, stems } from '../text/names';
import { compileEdges } from './edges';
import { markNames } from './titles';
import type { NameForm, Schema, SchemaColumn, SchemaTable } from './types';

export function compileSchema(catalog: Catalog, model: SemanticModel): Schema {
  const entityOf = new Map(model.entities.map((entity) => [entity.table.toLowerCase(), entity]));
  const vocabulary = new Set(schemaVocabulary);
  for (const table of catalog.tables)
    for (const name of [table.name, ...table.columns.map((column) => column.name)])
      for (const word of splitName(name)) vocabulary.add(word);
  const tables: SchemaTable[] = [];
  const columns: SchemaColumn[] = [];
  for (const source of catalog.tables) {
    const entity = entityOf.get(source.name.toLowerCase());
    const table = compileTable(source, entity, tables.length);
    const measured = new Map((entity?.measures ?? []).map((measure) => [measure.expression.toLowerCase(), measure]));
    for (const column of source.columns) {
      const dimension = entity?.dimensions.find((item) => item.column.toLowerCase() === column.name.toLowerCase());
      const compiled = compileColumn({
        column,
        table,
        dimension: dimension ?? measured.get(column.name.toLowerCase()),
        vocabulary,
        id: columns.length,
      });
      table.columns.push(compiled);
      columns.push(compiled);
    }
    tables.push(table);
  }
  const tableByName = new Map(tables.map((table) => [table.name.toLowerCase(), table]));
  const edges = compileEdges(tables, tableByName, model);
  for (const table of tables) markNames(table, entityOf.get(table.name.toLowerCase()));
  return { dialect: catalog.dialect, catalog, model, tables, columns, edges, tableByName, stemFrequency: countStems(tables) };
}

function compileTable(source: CatalogTable, entity: Entity | undefined, id: number): SchemaTable {
  const words = splitName(source.name, schemaVocabulary);
  const aliases = [...(entity ? [form(entity.name, 'title')] : []), ...(entity?.synonyms ?? []).map((name) => form(name, 'model'))];
  return {
    id,
    name: source.name,
    source,
    words,
    stems: stems(words),
    aliases,
    columns: [],
    primaryKey: [],
    bridge: false,
    rowCount: source.rowCount ?? 0,
    hidden: entity?.hidden ?? false,
  };
}

const form = (name: string, origin: NameForm['origin']): NameForm => {
  const words = splitName(name);
  return { words, stems: stems(words), origin };
};

/** `signed_up_on` is also "signed up". */
function withoutTail(words: readonly string[]): NameForm[] {
  const kept = [...words];
  while (kept.length > 1 && /^(at|on|date|time|datetime|timestamp)$/.test(kept.at(-1)!)) kept.pop();
  return kept.length < words.length && /ed$|^(start|end|birth|launch|release|open|close)/.test(kept[0]!)
    ? [{ words: kept, stems: stems(kept), origin: 'comment' }]
    : [];
}

interface ColumnInput {
  column: CatalogColumn;
  table: SchemaTable;
  dimension: Pick<Dimension, 'name' | 'synonyms' | 'hidden'> | Measure | undefined;
  vocabulary: ReadonlySet<string>;
  id: number;
}

function compileColumn({ column, table, dimension, vocabulary, id }: ColumnInput): SchemaColumn {
  const words = spelledOut(splitName(column.name, vocabulary), column, table);
  const ownStems = stems(words).filter((item) => !table.stems.includes(item));
  const aliases = [
    ...(dimension ? [form(dimension.name, 'title')] : []),
    ...(dimension?.synonyms ?? []).map((name) => form(name, 'model')),
  ];
  if (column.type === 'date' || column.type === 'timestamp') aliases.push(...withoutTail(words));
  const last = words.at(-1) ?? '';
  // `manager_id` is the manager.
  const pointed = table.source.foreignKeys.find(
    (key) => key.columns.length === 1 && key.columns[0]!.toLowerCase() === column.name.toLowerCase(),
  );
  const short = stems(words.slice(0, -1)).join(' ');
  if (words.length > 1 && /^(id|code|key|number|no)$/.test(last) && pointed && short !== stems(splitName(pointed.table)).join(' '))
    aliases.push({ words: words.slice(0, -1), stems: stems(words.slice(0, -1)), origin: 'comment' });
  const rows = table.rowCount;
  const inKey = table.source.primaryKey.some((name) => name.toLowerCase() === column.name.toLowerCase());
  const isForeignKey = table.source.foreignKeys.some((key) => key.columns.some((name) => name.toLowerCase() === column.name.toLowerCase()));
  const numeric = column.type === 'integer' || column.type === 'number';
  return {
    id,
    name: column.name,
    table,
    source: column,
    type: column.type,
    words,
    stems: stems(words),
    ownStems: ownStems.length > 0 ? ownStems : stems(words),
    aliases,
    isKey: inKey,
    isForeignKey,
    isId:
      isForeignKey ||
      (inKey && table.source.primaryKey.length === 1 && (numeric || last === 'id')) ||
      last === 'id' ||
      last === 'code' ||
      words.includes('ssn'),
    isName: false,
    isNumeric: numeric,
    isTime: column.type === 'date' || column.type === 'timestamp' || column.type === 'time',
    isText: column.type === 'text',
    isUnique: (inKey && table.source.primaryKey.length === 1) || (rows > 1 && column.distinctCount === rows),
    hidden: dimension !== undefined && 'hidden' in dimension ? (dimension.hidden ?? false) : false,
  };
}

const known = new Set(schemaVocabulary);

/** `stu_id`, `stuid` and `eid` are the ids of students and employees, where a table that the column is in or points to is named so. */
function spelledOut(words: string[], column: CatalogColumn, { source, words: own }: SchemaTable): string[] {
  const name = column.name.toLowerCase();
  const pointed = source.foreignKeys.filter((key) => key.columns.some((part) => part.toLowerCase() === name));
  const isKey = pointed.length > 0 || source.primaryKey.some((part) => part.toLowerCase() === name);
  const joined = isKey && words.length === 1 ? /^([a-z]{1,6})id$/.exec(words[0]!) : null;
  const parts = joined ? [joined[1]!, 'id'] : words;
  const [word = '', ...rest] = parts;
  // What the table is called says more of an abbreviation than the list of usual ones.
  const start = /^(\p{Lu}?\p{Ll}+|\p{Lu}+)/u.exec(column.name)?.[0].toLowerCase() ?? '';
  const first = abbreviations[start] === word ? start : word;
  if (rest.length === 0 || known.has(first) || (first.length < 3 && !joined)) return parts;
  const names = [...own, ...pointed.flatMap((key) => splitName(key.table, known))];
  const full = names.find((word) => word.length > first.length + 1 && word.startsWith(first));
  return full ? [full, ...rest] : parts;
}

function countStems(tables: readonly SchemaTable[]): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (list: readonly string[]) => {
    for (const item of new Set(list)) counts.set(item, (counts.get(item) ?? 0) + 1);
  };
  for (const table of tables) {
    add(table.stems);
    for (const column of table.columns) add(column.stems);
  }
  return counts;
}
