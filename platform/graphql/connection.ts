import { ArgsType, Directive, Field, Int, ObjectType, type ClassType } from 'type-graphql';

import { decodeCursor, encodeCursor } from '#platform/db';
import { errors } from '#platform/errors';

/** The largest page of any list, at any door. */
export const maxPageSize = 100;
export const defaultPageSize = 20;

// Every subgraph with a list defines it.
@Directive('@shareable')
@ObjectType({ description: 'Where a page of a list ends and whether more follows (Relay Cursor Connections).' })
export class PageInfo {
  @Field(() => Boolean, { description: 'True where another page follows.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'True where a page comes before this one.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge; null for an empty page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last edge, for `after`; null for an empty page.' })
  endCursor!: string | null;
}

@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: `How many items at most; 1 to ${maxPageSize}. Default ${defaultPageSize}.` })
  first?: number;

  @Field(() => String, { nullable: true, description: 'Continue after this cursor.' })
  after?: string;

  @Field(() => Int, { nullable: true, description: 'Skip this many items; for clients that page by number. Not together with `after`.' })
  offset?: number;
}

/** A page request after its checks: `limit` items, from a position that the store understands. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
  /** The sort key of the last item seen, as the store encoded it; null at the beginning. */
  readonly after: readonly (string | number)[] | null;
}

/** Checks the arguments of a list. The cursor belongs to one list (`scope`) and one tenant; another's is refused as INVALID_REQUEST. */
export function readPage({ first, after, offset }: PageArgs, scope: string): Page {
  if (first !== undefined && first !== null && (first < 1 || first > maxPageSize)) {
    throw errors.INVALID_REQUEST(
      { what: 'first', hint: `ask for 1 to ${maxPageSize} items` },
      { field: 'first', details: { limit: 'pageSize', value: first, maximum: maxPageSize } },
    );
  }
  if (offset !== undefined && offset !== null && offset < 0) {
    throw errors.INVALID_REQUEST({ what: 'offset', hint: 'it must be 0 or more' }, { field: 'offset' });
  }
  if (offset && after) throw errors.INVALID_REQUEST({ what: 'offset', hint: 'use either offset or after' }, { field: 'offset' });
  return { limit: first ?? defaultPageSize, offset: offset ?? 0, after: after ? decodeCursor(after, scope) : null };
}

export interface Edge<Node> {
  cursor: string;
  node: Node;
}

export interface Connection<Node> {
  edges: Edge<Node>[];
  nodes: Node[];
  pageInfo: PageInfo;
  totalCount: number | null;
}

export interface ConnectionSource<Node> {
  /** Up to `page.limit + 1` items: the extra one only says that another page follows. */
  readonly items: readonly Node[];
  readonly page: Page;
  /** The list this cursor belongs to, tenant included: `dashboards:acme`. */
  readonly scope: string;
  readonly keyOf: (node: Node) => readonly (string | number)[];
  readonly totalCount?: number;
}

export function toConnection<Node>({ items, page, scope, keyOf, totalCount }: ConnectionSource<Node>): Connection<Node> {
  const nodes = items.slice(0, page.limit);
  const edges = nodes.map((node) => ({ cursor: encodeCursor(keyOf(node), scope), node }));
  return {
    edges,
    nodes: [...nodes],
    totalCount: totalCount ?? null,
    pageInfo: {
      hasNextPage: items.length > page.limit,
      hasPreviousPage: page.after !== null || page.offset > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** The connection and edge types of one node type: `const DashboardConnection = connectionType(Dashboard, 'Dashboard')`. */
export function connectionType<Node extends object>(node: ClassType<Node>, name: string): ClassType<Connection<Node>> {
  @ObjectType(`${name}Edge`, { description: `One ${name} of a list, with its cursor.` })
  class EdgeType {
    @Field(() => String, { description: 'Opaque position of this item, for `after`.' })
    cursor!: string;

    @Field(() => node, { description: 'The item.' })
    node!: Node;
  }

  @ObjectType(`${name}Connection`, { description: `A page of ${name} items.` })
  class ConnectionType {
    @Field(() => [EdgeType], { description: 'Items with their cursors.' })
    edges!: EdgeType[];

    @Field(() => [node], { description: 'The same items without cursors.' })
    nodes!: Node[];

    @Field(() => PageInfo, { description: 'Where this page ends.' })
    pageInfo!: PageInfo;

    @Field(() => Int, { nullable: true, description: 'Number of items in the whole list, where it is cheap to know.' })
    totalCount!: number | null;
  }
  return ConnectionType as unknown as ClassType<Connection<Node>>;
}
