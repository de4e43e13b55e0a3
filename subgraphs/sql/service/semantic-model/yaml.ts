import { parse, stringify } from 'yaml';

import { errors } from '#platform/errors';
import { semanticModelSchema } from './schema';
import type { SemanticModel } from './types';

/** Reads YAML or JSON; what is wrong is named with its path. */
export function parseModel(text: string): SemanticModel {
  return toModel(readYaml(text));
}

export function toModel(value: unknown): SemanticModel {
  const result = semanticModelSchema.safeParse(value ?? {});
  if (result.success) return result.data as SemanticModel;
  const details = result.error.issues.slice(0, 10).map((issue) => `${issue.path.join('.') || 'the model'}: ${issue.message}`);
  throw errors.INVALID_REQUEST({ what: 'The semantic model', hint: details.join('; ') });
}

export function readYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 50 }) as unknown;
  } catch (cause) {
    throw errors.INVALID_REQUEST({ what: 'The YAML', hint: cause instanceof Error ? cause.message.split('\n')[0]! : String(cause) });
  }
}

export const printModel = (model: SemanticModel): string => stringify(model, { lineWidth: 140, aliasDuplicateObjects: false });
