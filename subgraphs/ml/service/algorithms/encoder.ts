import { cellAt, isNumeric, type Frame } from '../data/frame';

/** How a row becomes numbers for models that only know numbers: standardised, missing replaced by the mean, categories one-hot. */
export interface EncodedColumn {
  readonly name: string;
  readonly mean: number;
  readonly deviation: number;
  /** Null for a number. */
  readonly categories: readonly string[] | null;
}

const maxCategories = 50;

export function fitEncoder(frame: Frame, features: readonly string[]): EncodedColumn[] {
  return features.map((name) => {
    const column = frame.columns[frame.names.indexOf(name)]!;
    if (!isNumeric(column)) {
      const counts = new Map<string, number>();
      for (const value of column) if (value !== null) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
      const categories = [...counts]
        .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
        .slice(0, maxCategories)
        .map(([value]) => value);
      return { name, mean: 0, deviation: 1, categories };
    }
    const known = column.filter((value) => !Number.isNaN(value));
    const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
    const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, known.length);
    return { name, mean, deviation: Math.sqrt(variance) || 1, categories: null };
  });
}

export const widthOf = (columns: readonly EncodedColumn[]): number =>
  columns.reduce((sum, { categories }) => sum + (categories?.length ?? 1), 0);

/** One encoded row; `get` gives the raw value of a feature. */
export function encode(columns: readonly EncodedColumn[], get: (name: string) => unknown): number[] {
  const row: number[] = [];
  for (const { name, mean, deviation, categories } of columns) {
    const value = get(name);
    if (categories)
      for (const category of categories) row.push(value !== null && value !== undefined && String(value) === category ? 1 : 0);
    else {
      const number = value === null || value === undefined || value === '' ? NaN : Number(value);
      row.push(Number.isFinite(number) ? (number - mean) / deviation : 0);
    }
  }
  return row;
}

export const encodeFrame = (columns: readonly EncodedColumn[], frame: Frame): number[][] => {
  const places = new Map(columns.map(({ name }) => [name, frame.columns[frame.names.indexOf(name)]!]));
  return Array.from({ length: frame.rowCount }, (_, row) => encode(columns, (name) => cellAt(places.get(name)!, row)));
};

/** Adds what the encoded parts of a feature contribute back up to the feature. */
export function perFeature(columns: readonly EncodedColumn[], parts: readonly number[]): number[] {
  let place = 0;
  return columns.map(({ categories }) => {
    const width = categories?.length ?? 1;
    const sum = parts.slice(place, place + width).reduce((total, part) => total + part, 0);
    place += width;
    return sum;
  });
}
