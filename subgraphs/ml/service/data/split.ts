import { errors } from '#platform/errors';

import { cellAt, columnOf, type Column, type Frame } from './frame';
import { seeded, shuffled } from './random';

export interface SplitOptions {
  readonly strategy: 'random' | 'stratified' | 'time' | 'group';
  /** Share of the rows held back for measuring. */
  readonly testSize: number;
  readonly seed: number;
  readonly timeColumn?: string | null;
  readonly groupColumn?: string | null;
  readonly target?: string | null;
}

export interface Split {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** Rows to learn from and rows to measure on. By time: the latest are measured on. By group: a group is wholly on one side. */
export function split(frame: Frame, options: SplitOptions): Split {
  const random = seeded(options.seed);
  const count = frame.rowCount;
  const held = Math.max(1, Math.round(count * options.testSize));
  if (count < 2 || held >= count)
    throw errors.INVALID_REQUEST({ what: 'the dataset', hint: `${count} row(s) cannot be split; give at least 10` }, { field: 'dataset' });
  switch (options.strategy) {
    case 'random':
      return cut(shuffled(count, random), held);
    case 'time': {
      if (!options.timeColumn)
        throw errors.INVALID_REQUEST({ what: 'split.time_column', hint: 'a split by time needs it' }, { field: 'split.time_column' });
      const times = timesOf(columnOf(frame, options.timeColumn, 'split.time_column'), options.timeColumn);
      const order = Array.from({ length: count }, (_, row) => row).sort((a, b) => later(times[b]!, times[a]!) || b - a);
      return cut(order, held);
    }
    case 'group': {
      if (!options.groupColumn)
        throw errors.INVALID_REQUEST({ what: 'split.group_column', hint: 'a split by group needs it' }, { field: 'split.group_column' });
      return byGroups(columnOf(frame, options.groupColumn, 'split.group_column'), held, random);
    }
    case 'stratified':
      return stratified(columnOf(frame, options.target ?? '', 'target_column'), options.testSize, random);
  }
}

const cut = (order: readonly number[], held: number): Split => ({
  test: order.slice(0, held).sort((a, b) => a - b),
  train: order.slice(held).sort((a, b) => a - b),
});

/** Times as numbers; what is missing came before everything. */
export function timesOf(column: Column, name: string): Float64Array {
  return Float64Array.from({ length: column.length }, (_, row) => {
    const value = cellAt(column, row);
    if (value === null) return -Infinity;
    const time = typeof value === 'number' ? value : Date.parse(value);
    if (!Number.isNaN(time)) return time;
    throw errors.INVALID_REQUEST(
      { what: 'split.time_column', hint: `${name} holds ${value}, which is no time; give dates such as 2024-12-31, or numbers` },
      { field: 'split.time_column' },
    );
  });
}

/** Infinities equal themselves, which their difference does not say. */
const later = (a: number, b: number): number => (a === b ? 0 : a - b);

function byGroups(groups: Column, held: number, random: () => number): Split {
  const sizes = new Map<string | number | null, number>();
  for (let row = 0; row < groups.length; row += 1) sizes.set(cellAt(groups, row), (sizes.get(cellAt(groups, row)) ?? 0) + 1);
  const names = [...sizes.keys()];
  if (names.length < 2)
    throw errors.INVALID_REQUEST(
      { what: 'split.group_column', hint: 'all rows are of one group, and a group is never divided' },
      { field: 'split.group_column' },
    );
  const chosen = new Set<string | number | null>();
  let taken = 0;
  for (const place of shuffled(names.length, random)) {
    if (taken >= held || chosen.size === names.length - 1) break;
    chosen.add(names[place]!);
    taken += sizes.get(names[place]!)!;
  }
  const [train, test]: [number[], number[]] = [[], []];
  for (let row = 0; row < groups.length; row += 1) (chosen.has(cellAt(groups, row)) ? test : train).push(row);
  return { train, test };
}

function stratified(target: Column, testSize: number, random: () => number): Split {
  const strata = new Map<string | number | null, number[]>();
  for (let row = 0; row < target.length; row += 1) {
    const label = cellAt(target, row);
    const rows = strata.get(label);
    if (rows) rows.push(row);
    else strata.set(label, [row]);
  }
  const isHeld = new Uint8Array(target.length);
  for (const rows of strata.values()) {
    const held = rows.length > 1 ? Math.max(1, Math.round(rows.length * testSize)) : 0;
    for (const place of shuffled(rows.length, random).slice(0, held)) isHeld[rows[place]!] = 1;
  }
  const [train, test]: [number[], number[]] = [[], []];
  for (let row = 0; row < target.length; row += 1) (isHeld[row] ? test : train).push(row);
  return { train, test };
}
