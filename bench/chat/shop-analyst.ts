import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

import { errors } from '#platform/errors';

import type { DataPort } from '../../subgraphs/agents';
import type { Analyst, AnalystAnswer, QueryRows } from '../../subgraphs/chat';

/** What a question means to this small analyst; its `tree`. */
interface Reading {
  readonly measure: string;
  readonly by: string | null;
  readonly where: readonly string[];
  readonly limit: number | null;
}

const measures: Readonly<Record<string, string>> = {
  revenue: 'sum(amount)',
  orders: 'count(*)',
  'average amount': 'avg(amount)',
  'product kinds': 'count(distinct product)',
};
const dimensions = ['region', 'product', 'channel'];
const months = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];

const dimensionSql = (by: string): string => (dimensions.includes(by) ? by : `date_trunc('${by}', ordered_at)::date`);

const periodOf = (text: string): string | null => {
  const range = /\bbetween (\d{4}-\d{2}-\d{2}) and (\d{4}-\d{2}-\d{2})\b/i.exec(text);
  if (range) return `ordered_at between date '${range[1]}' and date '${range[2]}'`;
  const day = /\bin (\d{4}-\d{2}-\d{2})\b/i.exec(text);
  if (day) return `cast(ordered_at as date) = date '${day[1]}'`;
  const month = /\bin (\w+) (\d{4})\b/i.exec(text);
  const place = month ? months.indexOf(month[1]!.toLowerCase()) : -1;
  if (place >= 0) return `date_trunc('month', ordered_at) = date '${month![2]}-${String(place + 1).padStart(2, '0')}-01'`;
  const year = /\bin (\d{4})\b/i.exec(text);
  return year ? `year(ordered_at) = ${year[1]}` : null;
};

const sqlOf = ({ measure, by, where, limit }: Reading): string => {
  const value = `${measures[measure]} as "${measure.replace(' ', '_')}"`;
  const filter = where.length > 0 ? ` where ${where.join(' and ')}` : '';
  if (!by) return `select ${value} from orders${filter}`;
  const order = dimensions.includes(by) ? '2 desc, 1' : '1';
  return `select ${dimensionSql(by)} as "${by}", ${value} from orders${filter} group by 1 order by ${order}${limit ? ` limit ${limit}` : ''}`;
};

/**
 * A real, small implementation of the port: a handful of phrases over a seeded table in a real DuckDB. Orders of 2023 and 2024; in
 * June 2024 the shop in Europe sells half, and 2024-03-14 has ten times the usual orders.
 */
export class ShopAnalyst implements Analyst {
  /** Set to make the next questions wait, for tests of turns that are under way. */
  gate: Promise<void> = Promise.resolve();
  asked = 0;

  private constructor(private readonly connection: DuckDBConnection) {}

  static async open(): Promise<ShopAnalyst> {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`
      create table orders as
      select date '2023-01-01' + cast(day as integer) as ordered_at,
        ['Europe', 'America', 'Asia'][1 + (n % 3)] as region,
        ['Lamp', 'Chair', 'Table', 'Desk'][1 + ((n * 7 + day) % 4)] as product,
        ['web', 'shop'][1 + (n % 2)] as channel,
        cast(20 + ((n * 13 + day * 7) % 50) as decimal(12, 2)) + 0.25 as amount
      from range(0, 731) days(day), range(0, 120) ns(n)
      where n < 12 + 2 * (day % 7) or (day = 438 and n < 120)`);
    await connection.run(
      `delete from orders where region = 'Europe' and ordered_at between date '2024-06-01' and date '2024-06-30' and channel = 'web'`,
    );
    return new ShopAnalyst(connection);
  }

  async ask(_: unknown, { question, signal }: Parameters<Analyst['ask']>[1]): Promise<AnalystAnswer> {
    this.asked += 1;
    await this.gate;
    signal.throwIfAborted();
    const measure = Object.keys(measures).find((name) => question.toLowerCase().includes(name));
    if (/explode/i.test(question)) throw errors.QUERY_FAILED({ reason: 'the planted failure' });
    if (!measure) return unanswered;
    const by = /\bby (\w+)/i.exec(question)?.[1]?.toLowerCase() ?? null;
    if (by && ![...dimensions, 'day', 'week', 'month', 'year'].includes(by)) return unanswered;
    const period = periodOf(question);
    return this.answer({ measure, by, where: period ? [period] : [], limit: null });
  }

  async refine(_: unknown, { refinement, previous }: Parameters<Analyst['refine']>[1]): Promise<AnalystAnswer> {
    const reading = previous.tree as Reading;
    const only = /only (\w+)/i.exec(refinement)?.[1];
    if (only) return this.answer({ ...reading, where: [...reading.where, `region = '${only.replaceAll("'", "''")}'`] });
    const by = /by (\w+)/i.exec(refinement)?.[1]?.toLowerCase();
    if (by) return this.answer({ ...reading, by });
    const top = /top (\d+)/i.exec(refinement)?.[1];
    return top ? this.answer({ ...reading, limit: Number(top) }) : unanswered;
  }

  async runSql(_: unknown, { sql }: Parameters<Analyst['runSql']>[1]): Promise<QueryRows> {
    if (!/^\s*(select|with)\b/i.test(sql) || /;/.test(sql)) throw errors.SQL_REJECTED({ reason: 'it is not one select' });
    return { ...(await this.rows(sql)), queryId: `qry-${this.asked}` };
  }

  async describe(): ReturnType<Analyst['describe']> {
    const columns = [
      ['ordered_at', 'DATE'],
      ['region', 'VARCHAR'],
      ['product', 'VARCHAR'],
      ['channel', 'VARCHAR'],
      ['amount', 'DECIMAL(12,2)'],
    ].map(([name, type]) => ({ name: name!, type: type!, description: null }));
    return [
      {
        sourceId: 'shop',
        name: 'shop',
        tables: [{ name: 'orders', description: 'one row an order', columns }],
        dimensions,
        measures: Object.keys(measures),
        definitions: Object.entries(measures).map(([name, expression]) => ({
          name,
          synonyms: name === 'revenue' ? ['turnover'] : [],
          description: name === 'revenue' ? 'What customers paid' : null,
          expression,
          filters: [],
          unit: null,
        })),
      },
    ];
  }

  async suggest(): Promise<readonly string[]> {
    return ['Revenue by month', 'Orders by region'];
  }

  close(): void {
    this.connection.closeSync();
  }

  private async answer(reading: Reading): Promise<AnalystAnswer> {
    const sql = sqlOf(reading);
    const rows = await this.rows(sql);
    return {
      ...rows,
      sql,
      dialect: 'duckdb',
      sourceId: 'shop',
      queryId: `qry-${this.asked}`,
      explanation: `${reading.measure}${reading.by ? ` by ${reading.by}` : ''}`,
      confidence: 0.9,
      interpretation: [{ words: reading.measure, clause: measures[reading.measure]! }],
      unusedWords: [],
      alternatives: [],
      clarification: null,
      suggestions: ['Only Europe'],
      warnings: [],
      tree: reading,
    };
  }

  private async rows(sql: string): Promise<Omit<QueryRows, 'queryId'>> {
    const reader = await this.connection.runAndReadAll(sql);
    const rows = reader.getRowsJson() as unknown[][];
    return {
      columns: reader.columnNames().map((name, i) => ({ name, type: String(reader.columnType(i)) })),
      rows,
      rowCount: rows.length,
      truncated: false,
    };
  }
}

const unanswered: AnalystAnswer = {
  sql: null,
  dialect: 'duckdb',
  sourceId: 'shop',
  queryId: null,
  explanation: null,
  confidence: 0.1,
  interpretation: [],
  unusedWords: [],
  alternatives: [],
  clarification: { question: 'Which number do you mean?', options: ['revenue', 'orders'] },
  suggestions: [],
  warnings: [],
  tree: null,
  columns: [],
  rows: [],
  rowCount: 0,
  truncated: false,
};

/** The agents' port over the same analyst. */
export const shopData = (analyst: ShopAnalyst): DataPort => ({
  async ask(caller, request) {
    const answer = await analyst.ask(caller, { ...request, previous: null });
    return { ...answer, clarification: answer.clarification?.question ?? null };
  },
  runSql: (caller, request) => analyst.runSql(caller, request),
  async checkSql(_, { sql }) {
    const allowed = /^\s*(select|with)\b/i.test(sql) && !/;|\b(drop|delete|insert|update|copy|attach)\b/i.test(sql);
    return { allowed, reason: allowed ? null : 'it does more than read' };
  },
});
