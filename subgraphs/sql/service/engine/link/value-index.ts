/** Cells → columns: by whole value, by stem, by single word, and by near spelling. Built once per schema, memory bounded. */
import { codeWords } from '../lexicon/en/concepts';
import type { Schema, SchemaColumn } from '../schema/types';
import { stem } from '../text/stem';

export interface Cell {
  column: SchemaColumn;
  value: string | number;
  match: 'exact' | 'stem' | 'alias';
}

const MAX_CELLS = 400_000;
const MAX_WORDS = 8;

export const foldWords = (text: string): string[] =>
  text
    .toLowerCase()
    .normalize('NFKC')
    .match(/\p{N}+(?:\.\p{N}+)?|[\p{L}\p{N}]+/gu) ?? [];

export class ValueIndex {
  readonly #whole = new Map<string, Cell[]>();
  readonly #word = new Map<string, Cell[]>();
  /** By first letter and length: where near spellings are looked for. */
  readonly #shape = new Map<string, string[]>();
  #cells = 0;

  constructor(schema: Schema) {
    for (const column of schema.columns) if (!column.hidden && !column.table.hidden) this.#addColumn(column);
    this.#addAliases(schema);
  }

  whole(key: string): readonly Cell[] {
    return this.#whole.get(key) ?? [];
  }

  /** Cells that hold this word among others. */
  word(word: string): readonly Cell[] {
    return this.#word.get(word) ?? [];
  }

  /** Keys that a slip of the keyboard away from `key`: one letter from length 5 on, two from length 9. */
  near(key: string): string[] {
    const limit = key.length >= 9 ? 2 : key.length >= 5 ? 1 : 0;
    const found: string[] = [];
    for (let length = key.length - limit; limit > 0 && length <= key.length + limit; length += 1) {
      for (const other of this.#shape.get(`${key[0]!}${length}`) ?? [])
        if (other !== key && withinDistance(key, other, limit)) found.push(other);
    }
    return found.slice(0, 8);
  }

  #addColumn(column: SchemaColumn): void {
    const listed = column.source.values ?? [];
    if (column.isNumeric || column.type === 'boolean' || column.isTime) return;
    for (const value of listed) {
      if (this.#cells >= MAX_CELLS) return;
      const words = foldWords(String(value));
      if (words.length === 0 || words.length > 14) continue;
      this.#cells += 1;
      const cell: Cell = { column, value, match: 'exact' };
      const key = words.join(' ');
      if (words.length <= MAX_WORDS) {
        this.#put(this.#whole, key, cell);
        const stemmed = words.map(stem).join(' ');
        if (stemmed !== key) this.#put(this.#whole, stemmed, { ...cell, match: 'stem' });
        if (key.length >= 5) this.#putShape(key);
        for (const other of codeWords[key] ?? []) this.#put(this.#whole, other, { ...cell, match: 'alias' });
      }
      if (words.length > 1) for (const word of new Set(words)) if (word.length > 2) this.#put(this.#word, word, cell);
    }
  }

  #addAliases(schema: Schema): void {
    for (const entity of schema.model.entities) {
      const table = schema.tableByName.get(entity.table.toLowerCase());
      for (const dimension of entity.dimensions) {
        const column = table?.columns.find((item) => item.name.toLowerCase() === dimension.column.toLowerCase());
        if (!column) continue;
        for (const [value, names] of Object.entries(dimension.values ?? {})) {
          const typed = column.isNumeric ? Number(value) : value;
          for (const name of [value, ...names]) {
            const key = foldWords(name).join(' ');
            this.#put(this.#whole, key, { column, value: typed, match: 'alias' });
            const stemmed = foldWords(name).map(stem).join(' ');
            if (stemmed !== key) this.#put(this.#whole, stemmed, { column, value: typed, match: 'alias' });
          }
        }
      }
    }
  }

  #put(map: Map<string, Cell[]>, key: string, cell: Cell): void {
    const list = map.get(key);
    if (!list) map.set(key, [cell]);
    else if (list.length < 40 && !list.some((item) => item.column === cell.column && item.value === cell.value)) list.push(cell);
  }

  #putShape(key: string): void {
    const shape = `${key[0]!}${key.length}`;
    const list = this.#shape.get(shape);
    if (!list) this.#shape.set(shape, [key]);
    else if (list.length < 2_000 && list[list.length - 1] !== key) list.push(key);
  }
}

/** Damerau–Levenshtein distance (optimal string alignment) at most `limit`. */
export function withinDistance(a: string, b: string, limit: number): boolean {
  if (Math.abs(a.length - b.length) > limit) return false;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      let cost = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return false;
    before = previous;
    previous = row;
  }
  return previous[b.length]! <= limit;
}
