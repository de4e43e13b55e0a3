import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
  buildSchema,
  findBreakingChanges,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  type GraphQLSchema,
} from 'graphql';

import { projectRoot } from '#platform/lifecycle';

import { composeSupergraph } from './compose-supergraph';
import { domainSchemas } from '../gateway/domains';

const committed = (file: string): string => readFileSync(path.join(projectRoot, 'schema', file), 'utf8');

/** Every type, field, argument and input field that has no description, as coordinates. */
export function undescribed(schema: GraphQLSchema): string[] {
  const missing: string[] = [];
  const note = (description: string | null | undefined, coordinate: string): void => {
    if (!description?.trim()) missing.push(coordinate);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type as never);
    if (!isRoot && !isEnumType(type)) note(type.description, type.name);
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        note(field.description, `${type.name}.${field.name}`);
        for (const argument of field.args) note(argument.description, `${type.name}.${field.name}(${argument.name}:)`);
      }
    }
    if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) note(field.description, `${type.name}.${field.name}`);
  }
  return missing;
}

/** `npm run check:schema`: the committed files are what the code composes to, nothing breaks clients, everything is described. */
async function main(): Promise<string[]> {
  const { supergraphSdl, apiSdl } = composeSupergraph(await domainSchemas());
  const problems: string[] = [];
  if (committed('supergraph.graphql') !== supergraphSdl || committed('api.graphql') !== apiSdl) {
    problems.push('schema/supergraph.graphql or schema/api.graphql is not what the code composes to: run `npm run compose`');
    const breaking = findBreakingChanges(buildSchema(committed('api.graphql')), buildSchema(apiSdl));
    problems.push(...breaking.map(({ description }) => `breaking: ${description}`));
  }
  problems.push(...undescribed(buildSchema(apiSdl)).map((coordinate) => `no description: ${coordinate}`));
  return problems;
}

if (require.main === module) {
  main().then(
    (problems) => {
      for (const problem of problems) console.error(problem);
      process.exit(problems.length === 0 ? 0 : 1);
    },
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
}
