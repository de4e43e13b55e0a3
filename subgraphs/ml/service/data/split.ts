import { errors } from '#platform/errors';

import { columnOf, type Frame } from './frame';
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
      const times = columnOf(frame, options.timeColumn, 'split.time_column').map((value) =>
        typeof value === 'number' ? value : value === null ? -Infinity : Date.parse(value),
      );
      const order = Array.from({ length: count }, (_, row) => row).sort((a, b) => times[b]! - times[a]! || b - a);
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

function byGroups(groups: readonly (string | number | null)[], held: number, random: () => number): Split {
  const names = [...new Set(groups)];
  const chosen = new Set<string | number | null>();
  let taken = 0;
  for (const place of shuffled(names.length, random)) {
    if (taken >= held || chosen.size === names.length - 1) break;
    chosen.add(names[place]!);
    taken += groups.filter((group) => group === names[place]).length;
  }
  const rows = groups.map((_, row) => row);
  return { test: rows.filter((row) => chosen.has(groups[row]!)), train: rows.filter((row) => !chosen.has(groups[row]!)) };
}

function stratified(target: readonly (string | number | null)[], testSize: number, random: () => number): Split {
  const test: number[] = [];
  for (const label of new Set(target)) {
    const rows = target.flatMap((value, row) => (value === label ? [row] : []));
    const order = shuffled(rows.length, random);
    test.push(...order.slice(0, rows.length > 1 ? Math.max(1, Math.round(rows.length * testSize)) : 0).map((place) => rows[place]!));
  }
  const held = new Set(test);
  return { test: test.sort((a, b) => a - b), train: target.flatMap((_, row) => (held.has(row) ? [] : [row])) };
}
