import { isEnumType, isInputObjectType, isListType, isNonNullType, isObjectType, isUnionType, type GraphQLType } from 'graphql';

/** Values by the name of the field, so that an example reads like a request somebody made. */
const byName: Readonly<Record<string, unknown>> = {
  question: 'total revenue by month in 2024',
  message: 'top 5 products by revenue in Europe',
  refinement: 'only Europe',
  content: 'Revenue rose by 12 % in March.',
  sql: 'select category, sum(revenue) as revenue from orders group by category',
  query: 'revenue by region',
  q: 'revenue',
  source_id: 'shop',
  dialect: 'duckdb',
  email: 'ada@example.com',
  name: 'Sales overview',
  title: 'Revenue by month',
  description: 'How the shop is doing.',
  cron: '0 8 * * 1',
  timezone: 'Europe/Berlin',
  filename: 'orders.csv',
  content_base64: 'bW9udGgscmV2ZW51ZQo=',
  content_type: 'text/csv',
  url: 'https://example.com/hook',
  confidence: 0.93,
  limit: 20,
  offset: 0,
  version: 1,
};

const prefixes: Readonly<Record<string, string>> = {
  session: 'sess', dashboard: 'dash', widget: 'wdg', run: 'run', approval: 'appr', job: 'train', decision: 'rd', message: 'msg', agent: 'agent', query: 'qry',
}; // prettier-ignore

const scalarExamples: Readonly<Record<string, unknown>> = {
  Int: 1,
  Float: 0.5,
  Boolean: true,
  String: 'text',
  DateTime: '2026-01-31T09:30:00.000Z',
  DateTimeISO: '2026-01-31T09:30:00.000Z',
  BigInt: '42',
  Duration: 'PT1M',
  JSON: { key: 'value' },
};

const fits = (value: unknown, scalar: string): boolean =>
  scalar === 'String' || scalar === 'ID'
    ? typeof value === 'string'
    : (scalar === 'Int' && Number.isInteger(value)) || (scalar === 'Float' && typeof value === 'number');

/** An example of a value of the view: short, always the same, and valid. */
export function exampleOf(type: GraphQLType, name: string, owner = ''): unknown {
  if (isNonNullType(type)) return exampleOf(type.ofType as GraphQLType, name, owner);
  if (isListType(type)) return [exampleOf(type.ofType as GraphQLType, name.replace(/s$/, ''), owner)];
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (isUnionType(type)) return exampleOf(type.getTypes()[0]!, name, owner);
  if (isObjectType(type)) return objectExample(type.name, Object.values(type.getFields()));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const required = fields.filter((field) => isNonNullType(field.type));
    return objectExample(type.name, required.length > 0 ? required : fields.slice(0, 2));
  }
  const scalar = String(type);
  if (scalar === 'ID') return idExample(name, owner);
  const known = byName[name];
  return known !== undefined && fits(known, scalar) ? known : scalarExamples[scalar];
}

const objectExample = (
  owner: string,
  fields: readonly { readonly name: string; readonly type: GraphQLType; readonly description?: string | null }[],
): unknown => Object.fromEntries(fields.map(({ name, type, description }) => [name, tagOf(description) ?? exampleOf(type, name, owner)]));

const tagOf = (description: string | null | undefined): string | undefined =>
  /^Which kind of thing this is: `(.+)`\.$/.exec(description ?? '')?.[1];

const idExample = (name: string, owner: string): string => {
  const known = byName[name];
  if (typeof known === 'string') return known;
  const kind = name === 'id' ? owner.toLowerCase() : name.replace(/_ids?$/, '');
  const prefix = Object.keys(prefixes).find((word) => kind.startsWith(word));
  return `${prefix ? prefixes[prefix] : kind.slice(0, 5) || 'id'}-01hx4`;
};
