import { z } from 'zod';

import { errors } from '#platform/errors';

export const filterOperators = [
  'equals', 'not_equals', 'in', 'not_in', 'between', 'greater_than', 'greater_or_equal', 'less_than', 'less_or_equal',
  'contains', 'not_contains', 'starts_with', 'ends_with', 'is_null', 'is_not_null', 'before', 'after', 'on', 'last', 'this', 'previous',
] as const; // prettier-ignore
export type FilterOperator = (typeof filterOperators)[number];

export type FilterValue = string | number | boolean;

/** One condition that a dashboard adds to a query. `last` takes a number and a unit (`[30, "day"]`), `this` and `previous` a unit. */
export interface Filter {
  /** Column, `table.column`, or the name of a dimension. */
  readonly field: string;
  readonly operator: FilterOperator;
  readonly values: readonly FilterValue[];
}

const count: Readonly<Partial<Record<FilterOperator, readonly [number, number]>>> = {
  in: [1, 1_000],
  not_in: [1, 1_000],
  between: [2, 2],
  is_null: [0, 0],
  is_not_null: [0, 0],
  last: [2, 2],
};

const rules = z
  .array(
    z.object({
      field: z.string().min(1).max(200),
      operator: z.enum(filterOperators),
      values: z.array(z.union([z.string().max(1_000), z.number(), z.boolean()])).default([]),
    }),
  )
  .max(50);

/** Checks filters as they came over the wire; INVALID_REQUEST names the one that is wrong. */
export function readFilters(given: unknown): readonly Filter[] {
  if (given === undefined || given === null) return [];
  const result = rules.safeParse(given);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const field = `filters${issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}`;
    throw errors.INVALID_REQUEST({ what: field, hint: issue.message }, { field });
  }
  result.data.forEach(({ operator, values }, place) => {
    const [least, most] = count[operator] ?? [1, 1];
    if (values.length >= least && values.length <= most) return;
    const hint =
      least === most ? `${operator} takes ${least} value${least === 1 ? '' : 's'}` : `${operator} takes ${least} to ${most} values`;
    throw errors.INVALID_REQUEST({ what: `filters[${place}].values`, hint }, { field: `filters[${place}].values` });
  });
  return result.data;
}
