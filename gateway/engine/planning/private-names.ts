import { Kind, parse, print, visit, type DocumentNode, type FieldNode } from 'graphql';

/**
 * Plans add keys and required fields to what the client asked, under their plain names. Where the client has given one of these
 * names to something else (`{ item { id: title } }`), neither planner keeps the two apart, and the gateway would send a title as a
 * key. Such fields are fetched under a private name and get the client's name back when the answer is shaped.
 */
export interface PrivateNames {
  /** The name in the merged data. */
  keyOf(field: FieldNode): string;
  /** The operation as it is planned; the same object where nothing had to be renamed. */
  rename(document: DocumentNode): DocumentNode;
}

const prefix = /^_as(\d+)_/;
const fixed = /__fixed\d+$/;

/** Names in a field set such as `id organization { id }`, arguments left out. */
const namesIn = (fieldSet: string): string[] => fieldSet.replace(/\([^)]*\)/g, '').match(/[_A-Za-z]\w*/g) ?? [];

function plannedNames(supergraphSdl: string): ReadonlySet<string> {
  const names = new Set<string>(['__typename']);
  visit(parse(supergraphSdl, { noLocation: true }), {
    Directive({ name, arguments: given = [] }) {
      if (name.value !== 'join__type' && name.value !== 'join__field') return;
      for (const { name: argument, value } of given) {
        if ((argument.value === 'key' || argument.value === 'requires') && value.kind === Kind.STRING)
          for (const found of namesIn(value.value)) names.add(found);
      }
    },
  });
  return names;
}

/** FNV-1a; tells apart selections that differ by their arguments, which share a response name only on different types. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(36);
}

export function privateNames(supergraphSdl: string): PrivateNames {
  const planned = plannedNames(supergraphSdl);
  const keyOf = ({ alias, name, arguments: given = [] }: FieldNode): string => {
    const response = alias?.value ?? name.value;
    if (!planned.has(response) || (response === name.value && given.length === 0)) return response;
    const args = given.length === 0 ? '' : `_${digest(given.map((argument) => print(argument)).join())}`;
    return `_as${response.length}_${response}_${name.value}${args}`;
  };
  return {
    keyOf,
    rename: (document) =>
      visit(document, {
        Field(node) {
          const key = keyOf(node);
          return key === (node.alias?.value ?? node.name.value) ? undefined : { ...node, alias: { kind: Kind.NAME, value: key } };
        },
      }),
  };
}

/** The client's name for a name in the merged data. */
export function publicName(element: string | number): string | number {
  if (typeof element === 'number') return element;
  const length = prefix.exec(element);
  if (length) return element.slice(length[0].length, length[0].length + Number(length[1]));
  return element.replace(fixed, '');
}
