import type { RouteSpec } from '../routes/route-spec';
import type { GraphQLField } from 'graphql';
import type { ObjectSelection, Selection } from './selection';

/** Under this name the route's own field stands in the result. */
export const resultKey = 'result';

/** The one fixed operation of a route, over the API schema: names of the answer come from aliases, so the result needs no renaming. */
export function writeOperation(spec: RouteSpec, field: GraphQLField<unknown, unknown>, selection: Selection): string {
  const used = field.args;
  const variables = used.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const given = used.map(({ name }) => `${name}: $${name}`).join(', ');
  const name = `rest_${spec.field}`;
  return `${spec.kind} ${name}${variables && `(${variables})`} { ${resultKey}: ${field.name}${given && `(${given})`}${writeSelection(selection)} }`;
}

function writeSelection(selection: Selection): string {
  switch (selection.kind) {
    case 'leaf':
      return '';
    case 'binary':
      return ' { contentType filename base64 }';
    case 'object':
      return ` { ${writeFields(selection)} }`;
    case 'abstract':
      return ` { __typename ${selection.members.map((member) => `... on ${member.type.name} { ${writeFields(member)} }`).join(' ')} }`;
    case 'page': {
      const items = selection.hasNodes
        ? `items: nodes${writeSelection(selection.item)}`
        : `items: edges { node${writeSelection(selection.item)} }`;
      return ` { ${items} page: pageInfo { endCursor hasNextPage }${selection.hasTotal ? ' total: totalCount' : ''} }`;
    }
  }
}

const writeFields = ({ fields }: ObjectSelection): string =>
  fields.map(({ alias, name, node }) => `${alias === name ? name : `${alias}: ${name}`}${writeSelection(node)}`).join(' ');
