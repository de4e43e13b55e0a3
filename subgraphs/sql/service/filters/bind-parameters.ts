import { periodOf } from './period';
import type { Filter, FilterValue } from './types';

export type Parameters = Readonly<Record<string, FilterValue | null>>;

export interface Bound {
  readonly parameters: Parameters;
  /** What no parameter took. */
  readonly rest: readonly Filter[];
}

/**
 * Gives filters to the named parameters of a statement, where it has them: `$region` takes `region equals`; `$day_from` and `$day_to`,
 * both inclusive, take a range of `day` or one end of it. A parameter that no filter names keeps its value.
 */
export function bindParameters(given: Parameters, filters: readonly Filter[], now: Date): Bound {
  const parameters: Record<string, FilterValue | null> = { ...given };
  const rest = filters.filter((filter) => {
    const taken = valuesOf(filter, now).map(([name, value]) => [nameIn(given, name), value] as const);
    if (taken.length === 0 || taken.some(([name]) => name === undefined)) return true;
    for (const [name, value] of taken) parameters[name!] = value;
    return false;
  });
  return { parameters, rest };
}

const nameIn = (parameters: Parameters, wanted: string): string | undefined =>
  Object.keys(parameters).find((name) => name.toLowerCase() === wanted);

function valuesOf({ field, operator, values }: Filter, now: Date): readonly (readonly [string, FilterValue])[] {
  const name = field.split('.').at(-1)!.toLowerCase().replace(/\s+/g, '_');
  const range = (low: FilterValue, high: FilterValue) => [[`${name}_from`, low] as const, [`${name}_to`, high] as const];
  switch (operator) {
    case 'equals':
      return [[name, values[0]!]];
    case 'between':
      return range(values[0]!, values[1]!);
    case 'on':
      return range(values[0]!, values[0]!);
    case 'greater_or_equal':
      return [[`${name}_from`, values[0]!]];
    case 'less_or_equal':
      return [[`${name}_to`, values[0]!]];
    case 'last':
    case 'this':
    case 'previous': {
      const { from, to } = periodOf(operator, values, now);
      return range(from, dayBefore(to));
    }
    default:
      return [];
  }
}

const dayBefore = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
