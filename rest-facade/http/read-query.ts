import { parse } from 'qs';

import { errors } from '#platform/errors';

/**
 * A query string as an object: repeated names become lists, `filter[age][min]=3` nests. Bounded, since the parser builds what the
 * client spells.
 */
export function readQuery(search: string): Record<string, unknown> {
  if (search === '') return {};
  try {
    return parse(search, {
      depth: 5,
      strictDepth: true,
      parameterLimit: 200,
      throwOnLimitExceeded: true,
      arrayLimit: 200,
      plainObjects: true,
    });
  } catch (cause) {
    throw errors.INVALID_REQUEST(
      { what: 'query', hint: 'at most 200 parameters, 200 values each and 5 levels of brackets are read' },
      { field: 'query', cause },
    );
  }
}
