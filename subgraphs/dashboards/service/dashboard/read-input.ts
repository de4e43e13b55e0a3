import type { z } from 'zod';

import { errors } from '#platform/errors';

/** Checks an input; the first thing wrong becomes INVALID_REQUEST with the field named. */
export function readInput<Shape extends z.ZodType>(rules: Shape, input: unknown): z.infer<Shape> {
  const result = rules.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = issue.path
    .map((part, place) => (typeof part === 'number' ? `[${part}]` : `${place > 0 ? '.' : ''}${String(part)}`))
    .join('');
  throw errors.INVALID_REQUEST({ what: field || 'the request', hint: issue.message }, { field });
}
