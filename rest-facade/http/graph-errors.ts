import type { GraphQLFormattedError } from 'graphql';

import { catalogue, isErrorCode, type ErrorCode } from '#platform/errors';

import { snakeKeys, toSnake } from '../names';
import type { Parameter } from '../view/parameters';
import type { ErrorElement } from './envelope';

/** An error of the graph as REST shows it. A code outside the catalogue is our own mistake and keeps its text to itself. */
export function graphErrorToElement(error: GraphQLFormattedError, parameters: readonly Parameter[], requestId: string): ErrorElement {
  const { code, field, details } = error.extensions ?? {};
  if (!isErrorCode(code)) return { code: 'INTERNAL_ERROR', message: catalogue.INTERNAL_ERROR.message, request_id: requestId };
  return {
    code,
    message: error.message,
    ...(typeof field === 'string' ? { field: toRestField(field, parameters) } : {}),
    ...(details === undefined || details === null ? {} : { details: snakeKeys(details) }),
    request_id: requestId,
  };
}

/** `input.filters[0].fieldName` is `body.filters[0].field_name` to a REST client, and `first` is `query.limit`. */
export function toRestField(field: string, parameters: readonly Parameter[]): string {
  const inside = field.replace(/^(variables\.)?(input\.)?/, '');
  const [head = ''] = inside.split(/[.[]/);
  const parameter = parameters.find(({ target }) => target.at(-1) === head);
  const rest = inside.slice(head.length).replace(/[A-Za-z0-9]+/g, toSnake);
  return parameter ? `${parameter.in}.${parameter.key}${rest}` : toSnake(inside);
}

/** Which failure decides the status where several parts failed: ours before the upstream's before the caller's. */
export function worstFirst(elements: readonly ErrorElement[]): readonly ErrorElement[] {
  const rank = (code: ErrorCode): number => ['caller', 'upstream', 'service'].indexOf(catalogue[code].blame);
  return [...elements].sort((a, b) => rank(b.code) - rank(a.code));
}
