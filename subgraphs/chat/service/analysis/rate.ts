import type { Grain } from './time-grain';

const hoursOf: Readonly<Record<Grain, number>> = { hour: 1, day: 24, week: 168, month: 730.5, quarter: 2_191.5, year: 8_766 };
/** Units that people say rates in; a quarter only where the points are quarters. */
const largerUnits: readonly Grain[] = ['day', 'week', 'month', 'year'];

const rounded = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const small = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });

/**
 * A slope as people say it: `1.3 a month`, not `0.04223 a day`. Takes the first unit, from the points' own upwards, in which it is at least 1,
 * and none that is longer than the points reach.
 */
export function rateText(slope: number, grain: Grain | null, points: number): string {
  const size = Math.abs(slope);
  if (grain === null) return `${numberText(size)} a step`;
  const reach = hoursOf[grain] * (points - 1);
  const units = [grain, ...largerUnits.filter((unit) => hoursOf[unit] > hoursOf[grain] && hoursOf[unit] <= reach)];
  const rateIn = (unit: Grain): number => (size * hoursOf[unit]) / hoursOf[grain];
  const unit = units.find((each) => rateIn(each) >= 1) ?? units.at(-1)!;
  return `${numberText(rateIn(unit))} ${unit === 'hour' ? 'an' : 'a'} ${unit}`;
}

const numberText = (value: number): string => (value >= 1 ? rounded : small).format(value);
