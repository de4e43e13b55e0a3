import { Expected } from './compare';

describe('comparing results', () => {
  it('ignores the order of rows and of columns', () => {
    const gold = new Expected(
      [
        ['a', 1],
        ['b', 2],
      ],
      false,
    );
    expect(
      gold.matches([
        [2, 'b'],
        [1, 'a'],
      ]),
    ).toBe(true);
    expect(
      gold.matches([
        [2, 'a'],
        [1, 'b'],
      ]),
    ).toBe(false);
  });

  it('keeps the order of rows where gold orders', () => {
    const gold = new Expected([['a'], ['b']], true);
    expect(gold.matches([['b'], ['a']])).toBe(false);
    expect(gold.matches([['a'], ['b']])).toBe(true);
  });

  it('counts repeated rows', () => {
    const gold = new Expected([['a'], ['a'], ['b']], false);
    expect(gold.matches([['a'], ['b'], ['b']])).toBe(false);
    expect(gold.matches([['a'], ['b']])).toBe(false);
  });

  it('compares numbers to four places, and null as nothing', () => {
    expect(new Expected([[1 / 3, null]], false).matches([[0.33333, '']])).toBe(true);
    expect(new Expected([[5]], false).matches([[5.0]])).toBe(true);
    expect(new Expected([[0.3333]], false).matches([[0.3335]])).toBe(false);
  });

  it('takes extra columns for wrong', () => {
    expect(new Expected([['a']], false).matches([['a', 1]])).toBe(false);
  });
});
