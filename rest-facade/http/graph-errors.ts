import { getNamedType, isInputObjectType, type GraphQLFormattedError } from 'graphql';

import { catalogue, isErrorCode, type ErrorCode } from '#platform/errors';

import { snakeKeys, toSnake } from '../names';
import type { Parameter } from '../view/parameters';
import type { ErrorElement } from './envelope';

/** An error of the graph as REST shows it. A code outside the catalogue is our own mistake and keeps its text to itself. */
export function graphErrorToElement(error: GraphQLFormattedError, parameters: readonly Parameter[], requestId: string): ErrorElement {
  const { code, field, details } = error.extensions ?? {};
  if (!isErrorCode(code)) return { code: 'INTERNAL_ERROR', message: catalogue.INTERNAL_ERROR.message, request_id: requestId };
  const asked = typeof field === 'string' ? field : '';
  return {
    code,
    message:
      asked && error.message.startsWith(`${asked} `) ? inRest(asked, parameters).path + error.message.slice(asked.length) : error.message,
    ...(asked ? { field: toRestField(asked, parameters) } : {}),
    ...(details === undefined || details === null ? {} : { details: snakeKeys(details) }),
    request_id: requestId,
  };
}

/** `input.filters[0].fieldName` is `body.filters[0].field_name` to a REST client, and `first` is `query.limit`. */
export function toRestField(field: string, parameters: readonly Parameter[]): string {
  const { path, place } = inRest(field, parameters);
  return place ? `${place}.${path}` : path;
}

function inRest(field: string, parameters: readonly Parameter[]): { path: string; place: Parameter['in'] | null } {
  const inside = field.replace(/^(variables\.)?(input\.)?/, '');
  const [head = ''] = inside.split(/[.[]/);
  const parameter = parameters.find(({ key, target }) => target.at(-1) === head || key === head);
  if (!parameter) return { path: toSnakePath(inside), place: null };
  const rest = inside.slice(head.length);
  // Names inside a JSON value are the client's own.
  const isOurs = isInputObjectType(getNamedType(parameter.type));
  return { path: parameter.key + (isOurs ? toSnakePath(rest) : rest), place: parameter.in };
}

const toSnakePath = (path: string): string => path.replace(/[A-Za-z0-9]+/g, toSnake);

/** Which failure decides the status where several parts failed: ours before the upstream's before the caller's. */
export function worstFirst(elements: readonly ErrorElement[]): readonly ErrorElement[] {
  const rank = (code: ErrorCode): number => ['caller', 'upstream', 'service'].indexOf(catalogue[code].blame);
  return [...elements].sort((a, b) => rank(b.code) - rank(a.code));
}
