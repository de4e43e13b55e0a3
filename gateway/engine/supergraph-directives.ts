import { Kind, parse, valueFromASTUntyped, type ConstDirectiveNode, type FieldDefinitionNode } from 'graphql';

/** `@listSize`: how many elements a list field gives, or which arguments say so. */
export interface ListSize {
  readonly assumedSize?: number;
  readonly slicingArguments?: readonly string[];
  readonly sizedFields?: readonly string[];
}

/** What has to hold for a caller to see a field: each entry is one condition, a scope condition is "any of these sets in full". */
export interface Protection {
  readonly needsLogin: boolean;
  readonly scopeSets?: readonly (readonly string[])[];
}

/** The directives that the engine honours, by coordinate: `Type`, `Type.field`, `Type.field(argument)`. */
export interface SupergraphDirectives {
  readonly weights: ReadonlyMap<string, number>;
  readonly listSizes: ReadonlyMap<string, ListSize>;
  readonly protections: ReadonlyMap<string, readonly Protection[]>;
}

type Arguments = Readonly<Record<string, unknown>>;

const argumentsOf = (directive: ConstDirectiveNode): Arguments =>
  Object.fromEntries((directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));

/** Composition prefixes a directive's name where the subgraphs did not import it. */
const plainName = (name: string): string => name.replace(/^federation__/, '');

export function readDirectives(supergraphSdl: string): SupergraphDirectives {
  const weights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();
  const protections = new Map<string, Protection[]>();
  const protect = (coordinate: string, protection: Protection): void => {
    protections.set(coordinate, [...(protections.get(coordinate) ?? []), protection]);
  };
  const read = (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined): void => {
    for (const directive of directives ?? []) {
      const given = argumentsOf(directive);
      switch (plainName(directive.name.value)) {
        case 'cost':
          weights.set(coordinate, Number(given.weight));
          break;
        case 'listSize':
          listSizes.set(coordinate, given as ListSize);
          break;
        case 'authenticated':
          protect(coordinate, { needsLogin: true });
          break;
        case 'requiresScopes':
          protect(coordinate, { needsLogin: true, scopeSets: given.scopes as string[][] });
          break;
        case 'policy':
          // Policies are decided by services here; what names one the engine can't judge, so nobody passes.
          protect(coordinate, { needsLogin: true, scopeSets: [] });
          break;
      }
    }
  };
  const readField = (type: string, field: FieldDefinitionNode): void => {
    const coordinate = `${type}.${field.name.value}`;
    read(coordinate, field.directives);
    for (const argument of field.arguments ?? []) read(`${coordinate}(${argument.name.value})`, argument.directives);
  };
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (!('name' in definition) || !definition.name || !('directives' in definition)) continue;
    const type = definition.name.value;
    read(type, definition.directives as readonly ConstDirectiveNode[]);
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      for (const field of definition.fields ?? []) readField(type, field);
    }
  }
  return { weights, listSizes, protections };
}
