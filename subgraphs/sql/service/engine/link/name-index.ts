/** Which names hold a stem: built once per schema. */
import { relatedStems } from '../lexicon/synonyms';
import type { NameForm, Schema, SchemaColumn, SchemaTable } from '../schema/types';

export interface IndexedForm {
  target: SchemaTable | SchemaColumn;
  isTable: boolean;
  words: string[];
  stems: string[];
  /** `name`: as the source spells it; `own`: without the table's words; else where the alias is from. */
  origin: 'name' | 'own' | 'qualified' | NameForm['origin'];
  /** Rarity of each stem, adding up to 1. */
  weights: number[];
}

export interface MetricForm {
  metric: string;
  words: string[];
  stems: string[];
}

export interface NameIndex {
  byStem: ReadonlyMap<string, IndexedForm[]>;
  metrics: readonly MetricForm[];
  /** Hypernym → the schema's stems that it covers: "person" for singer. */
  widerOf: ReadonlyMap<string, string[]>;
}

export function buildNameIndex(schema: Schema, metrics: readonly MetricForm[]): NameIndex {
  const byStem = new Map<string, IndexedForm[]>();
  const total = schema.tables.length + schema.columns.length + 1;
  const rarity = (stem: string) => Math.log(1 + total / (1 + (schema.stemFrequency.get(stem) ?? 0)));
  const add = (form: Omit<IndexedForm, 'weights'>) => {
    if (form.stems.length === 0) return;
    const raw = form.stems.map(rarity);
    const sum = raw.reduce((a, b) => a + b, 0);
    const indexed = { ...form, weights: raw.map((value) => value / sum) };
    for (const stem of new Set(form.stems)) {
      const list = byStem.get(stem);
      if (list) list.push(indexed);
      else byStem.set(stem, [indexed]);
    }
  };
  const names = (target: SchemaTable | SchemaColumn, isTable: boolean) => {
    add({ target, isTable, words: target.words, stems: target.stems, origin: 'name' });
    for (const alias of target.aliases)
      if (alias.stems.join(' ') !== target.stems.join(' '))
        add({ target, isTable, words: alias.words, stems: alias.stems, origin: alias.origin });
  };
  for (const table of schema.tables) if (!table.hidden) names(table, true);
  for (const column of schema.columns) {
    if (column.hidden || column.table.hidden) continue;
    names(column, false);
    // "manufacturer name", "name of the manufacturer"
    const table = { words: column.table.words.slice(-2), stems: column.table.stems.slice(-2) };
    if (column.ownStems.length <= 2 && column.ownStems.length === column.stems.length)
      add({
        target: column,
        isTable: false,
        words: [...table.words, ...column.words],
        stems: [...table.stems, ...column.stems],
        origin: 'qualified',
      });
    if (column.ownStems.length < column.stems.length)
      add({ target: column, isTable: false, words: column.ownStems, stems: column.ownStems, origin: 'own' });
  }
  const widerOf = new Map<string, string[]>();
  for (const stem of byStem.keys()) {
    for (const related of relatedStems(stem))
      if (related.kind === 'hypernym') widerOf.set(related.stem, [...(widerOf.get(related.stem) ?? []), stem]);
  }
  return { byStem, metrics, widerOf };
}
