import type { GraphQLNamedType } from 'graphql';

import type { AbstractSelection, ObjectSelection, Selection } from './selection';

type Shape = ObjectSelection | AbstractSelection;

/** Two selections with one signature are one type of the view. */
export type Signature = string;

export function createSignatures(): (selection: Selection) => Signature {
  const known = new WeakMap<Selection, Signature>();
  const sign = (selection: Selection): Signature => {
    const found = known.get(selection);
    if (found !== undefined) return found;
    const signature = write(selection);
    known.set(selection, signature);
    return signature;
  };
  const write = (selection: Selection): Signature => {
    switch (selection.kind) {
      case 'leaf':
      case 'binary':
        return selection.type.name;
      case 'page':
        return `page(${sign(selection.item)})`;
      case 'abstract':
        return `${selection.type.name}(${selection.members.map(sign).join('|')})`;
      case 'object':
        return `${selection.type.name}${selection.discriminator ?? ''}{${selection.fields.map(({ key, type, node }) => `${key}:${String(type)}:${sign(node)}`).join(',')}}`;
    }
  };
  return sign;
}

/**
 * Names for the shapes that the routes of a version show of one type. The fullest keeps the type's own name; a bare id is a `Ref`; the
 * others are a `Summary`, a `Brief`, and then numbered. `taken` are names that belong to somebody else.
 */
export function nameShapes(
  roots: readonly Selection[],
  sign: (selection: Selection) => Signature,
  taken: ReadonlySet<string>,
): ReadonlyMap<Signature, string> {
  const shapes = new Map<GraphQLNamedType, Map<Signature, Shape>>();
  const visit = (selection: Selection): void => {
    if (selection.kind === 'page') visit(selection.item);
    if (selection.kind !== 'object' && selection.kind !== 'abstract') return;
    const ofType = shapes.get(selection.type) ?? new Map<Signature, Shape>();
    if (ofType.has(sign(selection))) return;
    shapes.set(selection.type, ofType.set(sign(selection), selection));
    if (selection.kind === 'abstract') selection.members.forEach(visit);
    else selection.fields.forEach(({ node }) => visit(node));
  };
  roots.forEach(visit);

  const names = new Map<Signature, string>();
  const used = new Set(taken);
  for (const [type, ofType] of shapes) {
    const fullestFirst = [...ofType].sort(([a], [b]) => b.length - a.length || (a < b ? -1 : 1));
    fullestFirst.forEach(([signature, shape], index) => {
      const name = free(`${type.name}${suffix(shape, index)}`, used);
      used.add(name);
      names.set(signature, name);
    });
  }
  return names;
}

const isReference = (shape: Shape): boolean => shape.kind === 'object' && shape.fields.length === 1 && shape.fields[0]!.key === 'id';

const suffix = (shape: Shape, index: number): string =>
  index === 0 ? '' : isReference(shape) ? 'Ref' : (['', 'Summary', 'Brief'][index] ?? String(index + 1));

const free = (wanted: string, used: ReadonlySet<string>): string => {
  let name = wanted;
  for (let count = 2; used.has(name); count += 1) name = `${wanted}${count}`;
  return name;
};
