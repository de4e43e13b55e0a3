import { cellAt, pick, report, toFrame } from './frame';

describe('rows of a query', () => {
  it('have NaN and infinities as missing, as numbers and as the texts that engines write', () => {
    const values = [1, NaN, Infinity, -Infinity, 'NaN', 'inf', '-Infinity', null, '2.5', '1e400', true];
    const frame = toFrame(['x'], values.map((value) => [value])); // prettier-ignore
    expect(values.map((_, row) => cellAt(frame.columns[0]!, row))).toEqual([1, null, null, null, null, null, null, null, 2.5, null, 1]);
    expect(report(frame)).toEqual([{ name: 'x', kind: 'number', missing: 8, distinct: 2 }]);
  });

  it('keep a column with any text as text', () => {
    const frame = toFrame(['code'], [['1'], ['nan'], ['x2'], ['']]);
    expect(frame.columns[0]).toEqual(['1', 'nan', 'x2', null]);
  });

  it('keep what is asked for as text', () => {
    expect(toFrame(['late'], [[true], [false], [null]], ['late']).columns[0]).toEqual(['true', 'false', null]);
  });

  it('are picked from in the order wished', () => {
    const frame = pick(toFrame(['a', 'b'], [[1, 'x'], [2, 'y'], [3, null]]), [2, 0]); // prettier-ignore
    expect([Array.from(frame.columns[0] as Float64Array), frame.columns[1], frame.rowCount]).toEqual([[3, 1], [null, 'x'], 2]);
  });
});
