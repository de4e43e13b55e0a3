import { maxAnswerBytes, OutputWatch, repeats } from './output-limits';

const prose = Array.from({ length: 2_000 }, (_, index) => `sentence ${index * 2_654_435_761} of many. `).join('');

const feed = (watch: OutputWatch, text: string): string | null => {
  for (let from = 0; from < text.length; from += 7) {
    const cut = watch.add(text.slice(from, from + 7));
    if (cut) return cut;
  }
  return null;
};

it('lets ordinary text pass, tables with equal rows of different numbers too', () => {
  expect(feed(new OutputWatch(undefined), prose)).toBeNull();
  expect(
    feed(new OutputWatch(undefined), Array.from({ length: 500 }, (_, row) => `| region ${row} | ${row * 17} |\n`).join('')),
  ).toBeNull();
});

it('cuts one passage over and over', () => {
  expect(feed(new OutputWatch(undefined), 'I am sorry, I cannot do that. '.repeat(1_000))).toBe('repetition');
  expect(repeats('ab'.repeat(100))).toBe(true);
  expect(repeats(prose.slice(0, 4_096))).toBe(false);
});

it('cuts what is longer than an answer may be, or than the tokens that were asked for', () => {
  expect(feed(new OutputWatch(undefined), prose.repeat(Math.ceil(maxAnswerBytes / prose.length) + 1))).toBe('too_long');
  expect(feed(new OutputWatch(10), prose)).toBe('too_long');
});
