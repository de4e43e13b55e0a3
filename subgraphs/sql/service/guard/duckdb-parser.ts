import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

import { readDuckdbQuery } from './duckdb-reader';
import { UnreadableSql, type Query } from './ir';
import { placesInCharacters } from './places';
import { asNode, asNodes, asText } from './syntax-node';

let connection: Promise<DuckDBConnection> | undefined;

/** An empty database that only parses: DuckDB's own parser, so that nothing can mean one thing here and another in the sandbox. */
async function open(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    enable_external_access: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: '128MB',
    threads: '1',
    lock_configuration: 'true',
  });
  return instance.connect();
}

const characters = (sql: string, bytes: number): number => Buffer.from(sql).subarray(0, bytes).toString().length;

export interface ParsedDuckdb {
  readonly query: Query;
  readonly parameters: readonly string[];
}

export async function parseDuckdb(sql: string): Promise<ParsedDuckdb> {
  // One connection for the process: parsing keeps no state, and opening takes longer than a thousand parses.
  connection ??= open();
  const reader = await (
    await connection
  ).runAndReadAll('select json_serialize_sql($sql::varchar, skip_null := true, skip_empty := false)', { sql });
  const answer = asNode(JSON.parse(asText(reader.getRows()[0]?.[0]), placesInCharacters(sql, 'query_location')));
  if (answer.error === true)
    throw failure(sql, asText(answer.error_type), { message: asText(answer.error_message), position: answer.position });
  const statements = asNodes(answer.statements);
  if (statements.length !== 1) throw new UnreadableSql('exactly one statement is expected', 'security_violation');
  const [statement] = statements;
  return {
    query: readDuckdbQuery(asNode(statement!.node)),
    parameters: asNodes(statement!.named_param_map).map((entry) => asText(entry.key)),
  };
}

function failure(sql: string, type: string, { message, position }: { message: string; position: unknown }): UnreadableSql {
  if (/expression depth|memory exhausted/i.test(message))
    return new UnreadableSql('the statement is nested too deeply', 'security_violation');
  if (type === 'parser' && !/not supported|locking/i.test(message)) {
    const at = typeof position === 'string' ? characters(sql, Number(position)) : undefined;
    return new UnreadableSql(message, 'syntax_error', at);
  }
  return new UnreadableSql('it is not a SELECT', 'security_violation');
}
