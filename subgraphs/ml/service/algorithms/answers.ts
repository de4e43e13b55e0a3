import { cellAt, type Column } from '../data/frame';

/** A target as numbers: of classes, their places. */
export function answersOf(column: Column, classes: readonly string[] | null): Float64Array {
  const places = classes && new Map(classes.map((name, place) => [name, place]));
  return Float64Array.from({ length: column.length }, (_, row) =>
    places ? (places.get(String(cellAt(column, row))) ?? -1) : Number(column[row]),
  );
}
