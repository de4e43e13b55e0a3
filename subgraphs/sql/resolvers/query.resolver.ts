import DataLoader from 'dataloader';
import { Arg, Args, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';

import { PageArgs, Rest, type Connection, type RequestContext } from '#platform/graphql';

import { SqlQuery, SqlQueryConnection } from '../schema/query.type';
import { SqlResult } from '../schema/result.type';
import { Source } from '../schema/source.type';
import type { SourceService } from '../service/source.service';
import type { StatementService } from '../service/statement.service';
import type { StoredQueryView } from '../service/views';

import { toQuery, toSource } from './present';

const tags = ['Text-to-SQL'];

/** One store query for all SqlQuery references of a request. */
export const queryLoader = (statements: StatementService, context: RequestContext): DataLoader<string, StoredQueryView | null> =>
  context.loader('sql.query', () => new DataLoader((ids: readonly string[]) => statements.findMany(context.caller, ids)));

@Resolver(() => SqlQuery)
export class QueryResolver {
  constructor(
    private readonly statements: StatementService,
    private readonly sources: SourceService,
  ) {}

  @Rest({ method: 'GET', path: '/sql/queries/:id', tags, depth: 1 })
  @Query(() => SqlQuery, { nullable: true, description: 'One query of the caller.' })
  async sqlQuery(@Arg('id', () => ID, { description: 'The query.' }) id: string, @Ctx() { caller }: RequestContext): Promise<SqlQuery> {
    return toQuery(await this.statements.find(caller, id));
  }

  @Rest({ method: 'GET', path: '/sql/queries', tags, depth: 2 })
  @Query(() => SqlQueryConnection, { description: 'Queries of the caller, newest first.' })
  async sqlQueries(@Args(() => PageArgs) page: PageArgs, @Ctx() { caller }: RequestContext): Promise<Connection<SqlQuery>> {
    const found = await this.statements.list(caller, page);
    return { ...found, nodes: found.nodes.map(toQuery), edges: found.edges.map(({ cursor, node }) => ({ cursor, node: toQuery(node) })) };
  }

  @FieldResolver(() => Source, { nullable: true, description: 'The source that it runs on; null where it has been removed.' })
  async source(@Root() query: SqlQuery, @Ctx() context: RequestContext): Promise<Source | null> {
    const loader = context.loader(
      'sql.source',
      () => new DataLoader((ids: readonly string[]) => this.sources.findMany(context.caller, ids)),
    );
    const source = await loader.load(query.sourceId);
    return source ? toSource(source) : null;
  }

  @FieldResolver(() => SqlResult, { nullable: true, description: 'Its rows: kept ones where the data has not changed, else run again.' })
  result(
    @Root() query: SqlQuery,
    @Arg('maxRows', () => Int, { nullable: true, description: 'Rows at most; 1 to 10,000. Default 1,000.' }) maxRows: number | undefined,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<SqlResult> {
    return this.statements.execute(caller, { sql: query.sql, sourceId: query.sourceId, maxRows }, signal) as unknown as Promise<SqlResult>;
  }
}
