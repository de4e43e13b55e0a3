import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  isRequiredArgument,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

import { dice, type Dice } from './random-document';

/** Values that answers had, by `Type.field` and by `field`: what arguments of later operations are. */
export class SeenValues {
  private readonly values = new Map<string, Set<string | number>>();

  learn(answer: unknown): void {
    if (Array.isArray(answer)) return answer.forEach((item) => this.learn(item));
    if (typeof answer !== 'object' || answer === null) return;
    const { __typename: type, ...fields } = answer as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === 'string' || typeof value === 'number') this.add([`${String(type)}.${name}`, name], value);
      else this.learn(value);
    }
  }

  /** `sessionId` is a session's own id, where one was seen; else what was seen under that name. */
  for(argument: GraphQLArgument, of: GraphQLNamedType): (string | number)[] {
    const owner = argument.name === 'id' ? of.name : argument.name.replace(/Ids?$/, '');
    const own = [...this.values.keys()].filter((key) => key.toLowerCase().endsWith(`${owner.toLowerCase()}.id`));
    return [...own, argument.name, `${of.name}.${argument.name}`].flatMap((key) => [...(this.values.get(key) ?? [])]);
  }

  private add(keys: readonly string[], value: string | number): void {
    for (const key of keys) {
      const known = this.values.get(key) ?? new Set();
      if (known.size < 5) this.values.set(key, known.add(value));
    }
  }
}

export interface Wanted {
  readonly schema: GraphQLSchema;
  readonly seen: SeenValues;
  readonly seed: number;
  readonly depth: number;
  /** Takes every field, each once; else some, under other names, twice and in fragments. */
  readonly isWhole: boolean;
}

class Writer {
  private readonly roll: Dice;
  private names = 0;

  constructor(private readonly wanted: Wanted) {
    this.roll = dice(wanted.seed);
  }

  /** Null where an argument is needed for which nothing was seen. */
  field(field: GraphQLField<unknown, unknown>, depth: number): string | null {
    const { isWhole } = this.wanted;
    const type = getNamedType(field.type);
    if (isCompositeType(type) && depth === 0) return null;
    const given = field.args.map((argument) => this.argument(argument, type));
    if (given.includes(null)) return null;
    const list = given.filter((text) => text !== '').join(', ');
    const name = `${isWhole ? '' : this.alias()}${field.name}${list === '' ? '' : `(${list})`}${isWhole ? '' : this.condition()}`;
    return isCompositeType(type) ? `${name} ${this.selection(type, depth - 1)}` : name;
  }

  private argument(argument: GraphQLArgument, of: GraphQLNamedType): string | null {
    const type = getNamedType(argument.type).name;
    if (isListType(argument.type)) return isRequiredArgument(argument) ? null : '';
    const plain: Readonly<Record<string, string>> = { q: '"revenue"', format: '"csv"', first: '3', limit: '3' };
    if (plain[argument.name]) return `${argument.name}: ${plain[argument.name]!}`;
    if (!isRequiredArgument(argument)) return '';
    const values = this.wanted.seen.for(argument, of).filter((value) => (type === 'Int') === (typeof value === 'number'));
    return values.length === 0 ? null : `${argument.name}: ${JSON.stringify(values[this.roll(values.length)])}`;
  }

  private selection(type: GraphQLNamedType, depth: number): string {
    const { schema, isWhole } = this.wanted;
    const fields =
      'getFields' in type ? Object.values((type as { getFields(): Record<string, GraphQLField<unknown, unknown>> }).getFields()) : [];
    const taken = isWhole ? fields : fields.filter(() => this.roll(3) > 0);
    const parts = ['__typename', ...taken.flatMap((field) => this.field(field, depth) ?? [])];
    if (!isWhole && taken.length > 0 && this.roll(3) === 0) parts.push(`... { ${this.field(taken[0]!, depth) ?? '__typename'} }`);
    if (isAbstractType(type))
      for (const member of schema.getPossibleTypes(type)) parts.push(`... on ${member.name} ${this.selection(member, depth)}`);
    else if (!isWhole && isObjectType(type) && this.roll(4) === 0) parts.push(`... on ${type.name} { __typename }`);
    return `{ ${parts.join(' ')} }`;
  }

  private alias(): string {
    this.names += 1;
    return this.roll(2) === 0 ? `a${this.names}: ` : `b${this.names}: `;
  }

  private condition(): string {
    return this.roll(6) === 0 ? ` @${this.roll(2) ? 'skip' : 'include'}(if: $${this.roll(2) ? 'yes' : 'no'})` : '';
  }
}

/** A query of one root field of the product's graph, the same for the same seed; null where its arguments cannot be known. */
export function productDocument(field: GraphQLField<unknown, unknown>, wanted: Wanted): string | null {
  const text = new Writer(wanted).field(field, wanted.depth);
  return text === null
    ? null
    : `query ($yes: Boolean = true, $no: Boolean = false) { ${text} ok: __typename @include(if: $yes) @skip(if: $no) }`;
}
