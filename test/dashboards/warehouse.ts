import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import type { QueryRunner, WidgetQuery, WidgetRows } from '../../subgraphs/dashboards';
import { filterSql, readFilters } from '../../subgraphs/sql/service/filters';
import type { QueryColumn } from '../../subgraphs/sql/service/sandbox';
import { cellConverter, duckdbKind } from '../../subgraphs/sql/service/sandbox/duckdb-values';

/** What the questions of these tests mean. */
const questions: Readonly<Record<string, string>> = {
  revenue: 'select sum(amount) as revenue from sales',
  'revenue by month': "select date_trunc('month', sold_at) as month, sum(amount) as revenue from sales group by 1 order by 1",
  'top 10 region by revenue': 'select region, sum(amount) as revenue from sales group by 1 order by 2 desc limit 10',
  'revenue by region': 'select region, sum(amount) as revenue from sales group by region order by region',
  'revenue by day': 'select cast(sold_at as date) as day, sum(amount) as revenue from sales group by 1 order by 1',
};

/** The port over a real DuckDB: filters are those of the sql domain, and a caller's `region` attribute is a row policy. */
export class Warehouse implements QueryRunner {
  /** Every statement that ran, with who asked. */
  readonly runs: (WidgetQuery & { readonly userId: string })[] = [];
  /** Set to make the next runs wait. */
  gate: Promise<void> = Promise.resolve();
  failure: Error | null = null;
  /** Counts the changes of the data. */
  private state = 0;

  private constructor(private readonly connection: DuckDBConnection) {}

  static async open(): Promise<Warehouse> {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`
      create table sales as
      select ['Europe', 'Asia', 'America'][1 + (n % 3)] as region,
        case n % 5 when 0 then 'O''Neil & <b>Sons</b>' when 1 then '=1+1' else 'Lamp ' || (n % 4) end as product,
        cast(n + 0.5 as decimal(10, 2)) as amount,
        timestamp '2024-01-01 18:00:00' + to_days(cast(n as integer)) as sold_at
      from range(0, 90) as numbers(n)`);
    return new Warehouse(connection);
  }

  async run(caller: Caller, query: WidgetQuery): Promise<WidgetRows> {
    const queryId = `qry-${this.runs.push({ ...query, userId: caller.userId })}`;
    await this.gate;
    if (this.failure) throw this.failure;
    const sql = query.sql ?? questions[query.question ?? query.metric ?? ''];
    if (!sql) throw errors.QUERY_FAILED({ reason: `nobody knows what ${query.question ?? query.metric ?? ''} means` });
    const region = caller.attributes?.region;
    const guarded =
      typeof region === 'string' ? sql.replaceAll('from sales', `from (select * from sales where region = '${region}') as sales`) : sql;
    const columns = (await this.read(guarded, 1)).columns as readonly QueryColumn[];
    const { sql: filtered, ignored } = filterSql(guarded, {
      filters: readFilters(query.filters),
      columns,
      dialect: 'duckdb',
      now: new Date('2024-03-30T12:00:00Z'),
    });
    const read = await this.read(filtered, query.maxRows);
    return {
      queryId,
      sourceId: 'sales',
      sql,
      truncated: false,
      cacheHit: false,
      warnings: [...ignored],
      ...read,
    };
  }

  runAll(caller: Caller, queries: readonly WidgetQuery[]): Promise<(WidgetRows | Error)[]> {
    return Promise.all(queries.map((query) => this.run(caller, query).catch((error: unknown) => error as Error)));
  }

  async versions() {
    if (this.failure) throw this.failure;
    return new Map([['sales', String(this.state)]]);
  }

  async describe() {
    return { id: 'sales', name: 'Sales', metrics: ['revenue'], dimensions: ['region'], hasTime: true };
  }

  async suggest() {
    return Object.keys(questions);
  }

  /** Changes the data under the dashboards. */
  async change(statement: string): Promise<void> {
    await this.connection.run(statement);
    this.state += 1;
  }

  close(): void {
    this.connection.closeSync();
  }

  private async read(sql: string, maxRows: number): Promise<Pick<WidgetRows, 'columns' | 'rows'>> {
    const reader = await this.connection.runAndReadUntil(sql, maxRows).catch((cause: unknown) => {
      throw errors.QUERY_FAILED({ reason: 'the engine refused it' }, { cause });
    });
    const types = reader.columnTypes();
    const columns = reader.columnNames().map((name, place) => ({ name, type: String(types[place]), kind: duckdbKind(types[place]!) }));
    return { columns, rows: reader.convertRows(cellConverter).slice(0, maxRows) };
  }
}
