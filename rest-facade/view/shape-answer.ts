import { isEnumType } from 'graphql';

import { toRestEnum, toSnake } from '../names';
import type { AbstractSelection, ObjectSelection, PageSelection, Selection } from './selection';

/** Turns one value of a result into the view's form; `null` passes through. */
export type Shaper = (value: unknown) => unknown;

type Row = Record<string, unknown>;

const each =
  (shape: Shaper): Shaper =>
  (value) => {
    if (value === null || value === undefined) return null;
    return Array.isArray(value) ? value.map(each(shape)) : shape(value);
  };

/**
 * What aliases cannot do: enum values in lower case, connections as pages, unions with their type's name. Compiled per route; undefined
 * where a value is already as it should be, so that plain answers are not walked at all.
 */
export function compileShaper(selection: Selection): Shaper | undefined {
  const shape = compile(selection);
  return shape && each(shape);
}

function compile(selection: Selection): Shaper | undefined {
  switch (selection.kind) {
    case 'leaf':
      return isEnumType(selection.type) ? enumShaper(selection.type.getValues().map(({ name }) => name)) : undefined;
    case 'object':
      return objectShaper(selection);
    case 'page':
      return pageShaper(selection);
    case 'abstract':
      return abstractShaper(selection);
    case 'binary':
      return undefined;
  }
}

function enumShaper(values: readonly string[]): Shaper | undefined {
  const names = new Map(values.map((value) => [value, toRestEnum(value)]));
  return values.every((value) => names.get(value) === value) ? undefined : (value) => names.get(String(value)) ?? value;
}

function objectShaper({ fields }: ObjectSelection): Shaper | undefined {
  const changes = fields.flatMap(({ alias, node }) => {
    const shape = compileShaper(node);
    return shape ? [{ alias, shape }] : [];
  });
  if (changes.length === 0) return undefined;
  // A copy: identical requests in flight may share one result.
  return (value) => {
    const row = { ...(value as Row) };
    for (const { alias, shape } of changes) row[alias] = shape(row[alias]);
    return row;
  };
}

function pageShaper({ item, hasNodes }: PageSelection): Shaper {
  const shapeItem = compileShaper(item);
  return (value) => {
    const { items, page, total } = value as {
      items: unknown[];
      page: { endCursor: string | null; hasNextPage: boolean };
      total?: number | null;
    };
    const rows = hasNodes ? items : items.map((edge) => (edge as { node: unknown } | null)?.node ?? null);
    return {
      items: shapeItem ? rows.map(shapeItem) : rows,
      next_cursor: page.hasNextPage ? page.endCursor : null,
      has_more: page.hasNextPage,
      total: total ?? null,
    };
  };
}

function abstractShaper({ members }: AbstractSelection): Shaper {
  const byName = new Map(members.map((member) => [member.type.name, { member, shape: compile(member), word: toSnake(member.type.name) }]));
  return (value) => {
    const { __typename: name, ...row } = value as Row & { __typename: string };
    const known = byName.get(name);
    if (!known) return { object: toSnake(name) };
    const { member, shape, word } = known;
    const shaped = (shape ? shape(row) : row) as Row;
    return Object.fromEntries([
      [member.discriminator ?? 'object', word],
      ...member.fields.map(({ alias, key }) => [key, shaped[alias] ?? null]),
    ]);
  };
}
