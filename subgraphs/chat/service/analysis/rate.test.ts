import { rateText } from './rate';

describe('a rate', () => {
  it('is said in the first unit in which it is at least one', () => {
    expect(rateText(0.04223, 'day', 700)).toBe('1.29 a month');
    expect(rateText(-0.3, 'day', 60)).toBe('2.1 a week');
    expect(rateText(0.01, 'month', 36)).toBe('0.12 a year');
  });

  it('keeps the unit of the points where that is enough, with three digits at most', () => {
    expect(rateText(12_345.678, 'month', 24)).toBe('12,300 a month');
    expect(rateText(1.5, 'hour', 200)).toBe('1.5 an hour');
    expect(rateText(2.345, 'quarter', 12)).toBe('2.35 a quarter');
  });

  it('takes no unit that is longer than the points reach, and steps where there is no calendar', () => {
    expect(rateText(0.04, 'day', 14)).toBe('0.28 a week');
    expect(rateText(0.004567, null, 100)).toBe('0.0046 a step');
  });
});
