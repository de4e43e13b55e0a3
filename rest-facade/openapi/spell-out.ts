import { getNamedType, isEnumType } from 'graphql';

import { toRestEnum } from '../names';
import type { CompiledRoute } from '../view/compile-route';
import type { JsonSchema } from './json-schema';

/** One operation of the document with its address. */
export interface Described {
  readonly address: string;
  readonly method: string;
  readonly route: CompiledRoute;
  readonly operation: JsonSchema;
}

const segmentsOf = (address: string): readonly string[] => address.split('/');
const isOpen = (segment: string): boolean => /^\{.+\}$/.test(segment);

/** Two templates that one address could fit, with nothing in OpenAPI to say which is meant. */
function isAmbiguous(a: string, b: string): boolean {
  const [left, right] = [segmentsOf(a), segmentsOf(b)];
  if (a === b || left.length !== right.length || left.filter(isOpen).length !== right.filter(isOpen).length) return false;
  return left.every((segment, index) => isOpen(segment) || isOpen(right[index]!) || segment === right[index]);
}

/**
 * `/dashboards/templates/{template}` and `/dashboards/{id}/clone` both fit `/dashboards/templates/clone`; our router prefers fixed segments, but a
 * document cannot say so. Where the parameter takes a few known values they are written out as addresses of their own.
 */
export function spellOut(all: readonly Described[]): readonly Described[] {
  return all.flatMap((one) => {
    if (!all.some(({ address }) => isAmbiguous(one.address, address))) return [one];
    const parameter = one.route.parameters.find(({ in: place, type }) => place === 'path' && isEnumType(getNamedType(type)));
    const type = parameter && getNamedType(parameter.type);
    if (!parameter || !isEnumType(type)) return [one];
    return type.getValues().map(({ name }) => {
      const value = toRestEnum(name);
      const { parameters, operationId, summary, ...operation } = one.operation;
      const others = (parameters as JsonSchema[]).filter((other) => other.name !== parameter.key);
      return {
        ...one,
        address: one.address.replace(`{${parameter.key}}`, value),
        operation: {
          operationId: `${String(operationId)}_${value}`,
          summary: `${String(summary)}: ${value}`,
          ...operation,
          parameters: others,
        },
      };
    });
  });
}
