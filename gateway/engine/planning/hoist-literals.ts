import {
  getNullableType,
  isScalarType,
  Kind,
  parseType,
  print,
  TypeInfo,
  valueFromAST,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql';

export interface Hoisted {
  readonly document: DocumentNode;
  /** Values of the variables that stand for the literals. */
  readonly values: Readonly<Record<string, unknown>>;
}

const prefix = '_literal';
const builtIn = new Set(['Int', 'Float', 'String', 'ID', 'Boolean']);
const literalKinds = new Set<string>([Kind.INT, Kind.FLOAT, Kind.STRING, Kind.BOOLEAN]);

/**
 * Writes arguments that are plain literals as variables, so that operations which differ only by ids share one plan: planning is the
 * dear part of a cache miss. Custom scalars stay, since a literal may mean something else to them than a value. Null where nothing
 * was hoisted.
 */
export function hoistLiterals(schema: GraphQLSchema, document: DocumentNode): Hoisted | null {
  const values: Record<string, unknown> = {};
  const names = new Map<string, string>();
  const definitions: VariableDefinitionNode[] = [];
  const types = new TypeInfo(schema);
  let isInDirective = false;

  const hoist = (node: ValueNode): ValueNode | undefined => {
    const type = types.getInputType();
    if (!type || !literalKinds.has(node.kind)) return undefined;
    const scalar = getNullableType(type);
    if (!isScalarType(scalar) || !builtIn.has(scalar.name)) return undefined;
    const key = `${String(type)} ${print(node)}`;
    const known = names.get(key);
    const name = known ?? `${prefix}${names.size}`;
    if (known === undefined) {
      names.set(key, name);
      values[name] = valueFromAST(node, scalar);
      definitions.push({
        kind: Kind.VARIABLE_DEFINITION,
        variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } },
        type: parseType(String(type)),
      });
    }
    return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } };
  };

  const hoisted = visit(
    document,
    visitWithTypeInfo(types, {
      VariableDefinition: () => false,
      Directive: { enter: () => void (isInDirective = true), leave: () => void (isInDirective = false) },
      Argument: (node) => {
        const value = isInDirective ? undefined : hoist(node.value);
        return value ? { ...node, value } : undefined;
      },
    }),
  );
  if (names.size === 0 || document.definitions.some((part) => part.kind === Kind.OPERATION_DEFINITION && usesPrefix(part))) return null;
  const withDefinitions = hoisted.definitions.map((part) =>
    part.kind === Kind.OPERATION_DEFINITION
      ? { ...part, variableDefinitions: [...(part.variableDefinitions ?? []), ...definitions] }
      : part,
  );
  return { document: { ...hoisted, definitions: withDefinitions }, values };
}

const usesPrefix = ({ variableDefinitions = [] }: OperationDefinitionNode): boolean =>
  variableDefinitions.some(({ variable }) => variable.name.value.startsWith(prefix));
