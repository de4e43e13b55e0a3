import { toFrame } from './frame';
import { leakageWarnings, withoutUnfinished } from './leakage';
import { split, type SplitOptions } from './split';

const rows = Array.from({ length: 200 }, (_, row) => [
  row,
  `2024-${String(1 + ((row * 7) % 12)).padStart(2, '0')}-${String(1 + ((row * 11) % 28)).padStart(2, '0')}`,
  `customer ${row % 20}`,
  row % 10 === 0 ? 'yes' : 'no',
]);
const frame = toFrame(['n', 'day', 'customer', 'left'], rows);
const options: SplitOptions = { strategy: 'random', testSize: 0.25, seed: 3 };

describe('rows to learn from and rows to measure on', () => {
  it.each<[string, Partial<SplitOptions>]>([
    ['random', {}],
    ['stratified', { strategy: 'stratified', target: 'left' }],
    ['time', { strategy: 'time', timeColumn: 'day' }],
    ['group', { strategy: 'group', groupColumn: 'customer' }],
  ])('by %s share no row, miss none, and are the same for the same seed', (_name, change) => {
    const { train, test } = split(frame, { ...options, ...change });
    expect([...train, ...test].sort((a, b) => a - b)).toEqual(rows.map((_, row) => row));
    expect(test.length).toBeGreaterThan(40);
    expect(test.length).toBeLessThan(65);
    expect(split(frame, { ...options, ...change })).toEqual({ train, test });
  });

  it('stratified keep the share of each class', () => {
    const { train, test } = split(frame, { ...options, strategy: 'stratified', target: 'left' });
    const share = (part: readonly number[]) => part.filter((row) => rows[row]![3] === 'yes').length / part.length;
    expect(share(test)).toBe(0.1);
    expect(share(train)).toBe(0.1);
  });

  it('by time measure on nothing that is earlier than what was learned', () => {
    const { train, test } = split(frame, { ...options, strategy: 'time', timeColumn: 'day' });
    const days = (part: readonly number[]) => part.map((row) => String(rows[row]![1])).sort();
    expect(days(train).at(-1)! <= days(test)[0]!).toBe(true);
  });

  it('by group never divide a group', () => {
    const { train, test } = split(frame, { ...options, strategy: 'group', groupColumn: 'customer' });
    const names = (part: readonly number[]) => new Set(part.map((row) => rows[row]![2]));
    for (const name of names(test)) expect(names(train)).not.toContain(name);
  });

  it.each<[string, Partial<SplitOptions>, RegExp]>([
    ['no time column', { strategy: 'time' }, /split\.time_column/],
    ['a time column without times', { strategy: 'time', timeColumn: 'customer' }, /customer \d+, which is no time/],
    ['a time column that is not there', { strategy: 'time', timeColumn: 'dai' }, /did you mean day\?/],
    ['no group column', { strategy: 'group' }, /split\.group_column/],
  ])('are refused with %s', (_name, change, message) => {
    expect(() => split(frame, { ...options, ...change })).toThrow(message);
  });

  it('are refused where all rows are of one group', () => {
    const single = toFrame(['a', 'g'], rows.slice(0, 20).map(([n]) => [n, 'only'])); // prettier-ignore
    expect(() => split(single, { ...options, strategy: 'group', groupColumn: 'g' })).toThrow(/one group/);
  });
});

describe('a leak is warned of', () => {
  const orders = toFrame(
    ['ordered', 'delivered', 'amount', 'tax', 'status', 'late', 'region'],
    Array.from({ length: 60 }, (_, row) => {
      const day = (offset: number) => new Date(Date.UTC(2024, 0, 1 + row + offset)).toISOString();
      return [
        day(0),
        day(1 + (row % 5)),
        row,
        row * 0.2,
        row % 3 === 0 ? 'complaint' : 'fine',
        row % 3 === 0 ? 'yes' : 'no',
        `r${row % 7}`,
      ];
    }),
  );
  const warned = (features: readonly string[], target: string | null = null, timeColumn: string | null = null) =>
    leakageWarnings(orders, { target, features, timeColumn });

  it('where a feature moves with the target, or gives it away', () => {
    expect(warned(['tax', 'region'], 'amount')).toEqual(['tax moves with the target almost exactly']);
    expect(warned(['status', 'region'], 'late')).toEqual(['each value of status goes with one value of the target']);
  });

  it('where a split by time has a feature from the future, or the time itself', () => {
    expect(warned(['delivered', 'amount'], 'late', 'ordered')).toEqual([expect.stringMatching(/^delivered holds times after ordered/)]);
    expect(warned(['ordered'], 'late', 'ordered')).toEqual([expect.stringMatching(/^ordered is a feature/)]);
  });

  it('and nowhere else', () => {
    expect(warned(['region', 'amount'], 'late', 'ordered')).toEqual([]);
  });
});

describe('a series whose last period is not over', () => {
  const months = Array.from({ length: 12 }, (_, month) => `2024-${String(month + 1).padStart(2, '0')}-01`);
  const series = (times: readonly string[]) => ({ names: ['at'], columns: [times], rowCount: times.length });
  const left = (times: readonly string[], now: string) => {
    const { frame, warnings } = withoutUnfinished(series(times), 'at', new Date(now));
    return [frame.rowCount, warnings.length];
  };

  it('is learned from without it, and says so', () => {
    const { frame, warnings } = withoutUnfinished(series(months), 'at', new Date('2024-12-10'));
    expect(frame.columns[0]).toEqual(months.slice(0, 11));
    expect(warnings).toEqual(['the last period of at, 2024-12-01, is not over yet and was left out']);
  });

  it('is kept whole once that period is over, by the calendar where months are not equally long', () => {
    expect(left(months, '2025-01-01')).toEqual([12, 0]);
    expect(left(months.slice(0, 2).concat('2024-03-01'), '2024-03-31')).toEqual([2, 1]);
    expect(left(['2024-12-01', '2025-01-01', '2025-02-01'], '2025-03-01')).toEqual([3, 0]);
    expect(left(['2024-01-01', '2024-04-01', '2024-07-01'], '2024-09-30')).toEqual([2, 1]);
    expect(left(['2024-01-01', '2024-01-08', '2024-01-15'], '2024-01-22')).toEqual([3, 0]);
  });
});
