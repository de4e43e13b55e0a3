/** The joins of a schema: the model's, the declared keys, and inferred ones where a table would otherwise stand alone. */
import { splitName, stems } from '../text/names';
import type { SemanticModel } from '../../semantic-model/types';
import type { SchemaColumn, SchemaEdge, SchemaTable } from './types';

type ByName = ReadonlyMap<string, SchemaTable>;

export function compileEdges(tables: readonly SchemaTable[], byName: ByName, model: SemanticModel): SchemaEdge[] {
  const edges: SchemaEdge[] = [];
  const seen = new Set<string>();
  const add = (from: SchemaColumn[], to: SchemaColumn[], extra: Partial<SchemaEdge>) => {
    if (from.length === 0 || from.length !== to.length) return;
    const id = [from, to].map((side) => side.map((column) => column.id).join(',')).join('>');
    const reverse = [to, from].map((side) => side.map((column) => column.id).join(',')).join('>');
    if (seen.has(id) || seen.has(reverse)) return;
    seen.add(id);
    const oneToOne = from.length === 1 && from[0]!.isUnique && to.every((column) => column.isUnique);
    edges.push({ id: edges.length, from, to, role: from.map((column) => column.name).join('_'), cost: 1, oneToOne, ...extra });
  };
  for (const join of model.joins) {
    const [left, right] = [findColumn(byName, join.from), findColumn(byName, join.to)];
    if (!left || !right) continue;
    const reversed = join.cardinality === 'one_to_many';
    add(reversed ? [right] : [left], reversed ? [left] : [right], {
      oneToOne: join.cardinality === 'one_to_one',
      ...(join.role ? { role: join.role } : {}),
    });
  }
  for (const table of tables) {
    for (const key of table.source.foreignKeys) {
      const target = byName.get(key.table.toLowerCase());
      if (!target) continue;
      if (key.origin === 'inferred' && !identifies(key.columns[0]!, target)) continue;
      const from = key.columns.flatMap((name) => columnOf(table, name) ?? []);
      const to = (key.targetColumns.length > 0 ? key.targetColumns : target.source.primaryKey).flatMap(
        (name) => columnOf(target, name) ?? [],
      );
      add(from, to, key.origin === 'inferred' ? { cost: 1.5 } : {});
    }
  }
  inferMissing(tables, edges, add);
  return edges;
}

/** Two tables that both have a homepage or a title are not joined by it: a guessed key names what it points to, or is an identifier. */
function identifies(column: string, target: SchemaTable): boolean {
  const words = splitName(column);
  return (
    /(id|code|key|number|num|no|nr|iata|isbn|ssn|symbol|abbreviation)$/i.test(column) ||
    stems(words).some((word) => target.stems.includes(word)) ||
    target.primaryKey.some((key) => key.name.toLowerCase() === column.toLowerCase() && key.isNumeric)
  );
}

const columnOf = (table: SchemaTable, name: string) => table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());

function findColumn(byName: ByName, path: string): SchemaColumn | undefined {
  const dot = path.lastIndexOf('.');
  const table = byName.get(path.slice(0, dot).toLowerCase());
  return table && columnOf(table, path.slice(dot + 1));
}

/** Same name, one side a whole key, no join between the two tables yet. */
function inferMissing(
  tables: readonly SchemaTable[],
  edges: SchemaEdge[],
  add: (from: SchemaColumn[], to: SchemaColumn[], extra: Partial<SchemaEdge>) => void,
): void {
  const joined = new Set(edges.flatMap((edge) => [pairKey(edge.from[0]!.table, edge.to[0]!.table)]));
  for (const target of tables) {
    if (target.source.primaryKey.length !== 1) continue;
    const key = columnOf(target, target.source.primaryKey[0]!);
    if (!key || key.words.join('') === 'id' || key.words.join('') === 'name') continue;
    for (const table of tables) {
      if (table === target || joined.has(pairKey(table, target))) continue;
      const match = table.columns.find((column) => column.name.toLowerCase() === key.name.toLowerCase() && comparable(column, key));
      if (!match || match.isForeignKey) continue;
      add([match], [key], { cost: 1.5 });
      joined.add(pairKey(table, target));
    }
  }
}

const pairKey = (a: SchemaTable, b: SchemaTable) => (a.id < b.id ? `${a.id}-${b.id}` : `${b.id}-${a.id}`);
const comparable = (a: SchemaColumn, b: SchemaColumn) => a.isNumeric === b.isNumeric;
