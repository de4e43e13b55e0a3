import type { z } from 'zod';

import { errors } from './app-error';

/** The checked input. The first thing wrong becomes INVALID_REQUEST, with its field as the caller wrote it: `filters[0].operator`. */
export function readInput<Shape extends z.ZodType>(rules: Shape, input: unknown): z.infer<Shape> {
  const result = rules.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = fieldOf(issue!.path);
  throw errors.INVALID_REQUEST({ what: field || 'the request', hint: issue!.message }, { field });
}

const fieldOf = (path: readonly PropertyKey[]): string =>
  path.map((part, place) => (typeof part === 'number' ? `[${part}]` : `${place > 0 ? '.' : ''}${String(part)}`)).join('');
