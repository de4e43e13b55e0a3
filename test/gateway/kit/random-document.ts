import {
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isUnionType,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';

/** A number from a run's seed, so that a failing document can be made again. */
export type Dice = (sides: number) => number;
export const dice = (seed: number): Dice => {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
};

const literal = (type: GraphQLInputType, roll: Dice): string => {
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[0]!.name;
  if (isInputObjectType(named)) return '{}';
  return ['1', '"p1"', '"u1"', 'true', 'null', '[1]', '2.5', '$v'][roll(roll(3) === 0 ? 8 : 3)]!;
};

interface Drawing {
  readonly roll: Dice;
  readonly depth: number;
  readonly aliases: readonly string[];
}

function selection(schema: GraphQLSchema, type: GraphQLCompositeType, { roll, depth, aliases }: Drawing): string {
  const fields = isUnionType(type) ? [] : Object.values(type.getFields());
  const parts = Array.from({ length: 1 + roll(3) }, () => {
    const field = fields[roll(fields.length)];
    if (!field || roll(12) === 0) return '__typename';
    if (roll(8) === 0) {
      const types = Object.values(schema.getTypeMap()).filter(
        (candidate): candidate is GraphQLCompositeType => isCompositeType(candidate) && !candidate.name.startsWith('__'),
      );
      const condition = types[roll(types.length)]!;
      return `... on ${condition.name} ${selection(schema, condition, { roll, depth: depth - 1, aliases })}`;
    }
    const inner = getNamedType(field.type);
    const given = field.args
      .filter(() => roll(2) === 0 || field.args.length === 1)
      .map((argument) => `${argument.name}: ${literal(argument.type, roll)}`);
    const alias = roll(6) === 0 ? `${aliases[roll(aliases.length)]!}: ` : '';
    const condition = roll(10) === 0 ? ` @${roll(2) ? 'skip' : 'include'}(if: ${['true', 'false', '$c'][roll(3)]!})` : '';
    const below = isCompositeType(inner)
      ? depth <= 0
        ? ' { __typename }'
        : ` ${selection(schema, inner, { roll, depth: depth - 1, aliases })}`
      : '';
    return `${alias}${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}${condition}${below}`;
  });
  return `{ ${parts.join(' ')} }`;
}

/** An operation over the schema, mostly valid, the same for the same seed. */
export function randomDocument(schema: GraphQLSchema, seed: number, aliases: readonly string[] = ['a', 'b']): string {
  const roll = dice(seed);
  const kind = roll(4) === 0 && schema.getMutationType() ? 'mutation' : 'query';
  const root = kind === 'mutation' ? schema.getMutationType()! : schema.getQueryType()!;
  return `${kind} ${roll(3) === 0 ? '($v: ID, $c: Boolean = true) ' : ''}${selection(schema, root, { roll, depth: 4, aliases })}`;
}
