import { newId } from './new-id';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const numberOf = (text: string): bigint => [...text].reduce((sum, character) => sum * 32n + BigInt(alphabet.indexOf(character)), 0n);

describe('newId', () => {
  it('gives different ids that sort in the order they were made, many of them within one millisecond', () => {
    const ids = Array.from({ length: 200_000 }, () => newId('run'));
    expect(ids.every((id) => /^run-[0-9a-hjkmnp-tv-z]{26}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('begins with the milliseconds since 1970', () => {
    const before = BigInt(Date.now());
    const time = numberOf(newId('dash').slice('dash-'.length, 'dash-'.length + 10));
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(BigInt(Date.now()));
  });
});
