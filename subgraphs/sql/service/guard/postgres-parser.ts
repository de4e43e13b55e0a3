import { hasSqlDetails, loadModule, parseSync } from 'libpg-query';
import { deparseSync } from 'pgsql-parser';

import { UnreadableSql } from './ir';
import { namedToNumbered, numberedToNamed } from './named-parameters';
import type { ParsedSql } from './parsed-sql';
import { placesInCharacters } from './places';
import { readPostgresQuery } from './postgres-reader';
import { asNode, asNodes, type SyntaxNode } from './syntax-node';

let loaded: Promise<void> | undefined;

/**
 * PostgreSQL's own grammar reads the statement, the checked tree is written out again, and that text is read once more: what was checked
 * is what runs, and nothing that only the text had (comments, escapes) is left.
 */
export async function parsePostgres(sql: string): Promise<ParsedSql> {
  loaded ??= loadModule();
  await loaded;
  const { text, names } = namedToNumbered(sql);
  const first = parse(text);
  const original = readPostgresQuery(singleSelect(first));
  const rewritten = write(first);
  return { query: readPostgresQuery(singleSelect(parse(rewritten))), original, sql: numberedToNamed(rewritten, names), parameters: names };
}

function write(tree: SyntaxNode): string {
  try {
    return deparseSync(tree as Parameters<typeof deparseSync>[0]);
  } catch {
    // A form that the writer does not know, or one too deep for it: what cannot be written does not run.
    throw new UnreadableSql('the statement is nested too deeply or of a form that is not supported', 'security_violation');
  }
}

function parse(sql: string): SyntaxNode {
  try {
    const tree = asNode(parseSync(sql));
    const inCharacters = placesInCharacters(sql, 'location');
    return inCharacters ? asNode(JSON.parse(JSON.stringify(tree), inCharacters)) : tree;
  } catch (thrown) {
    if (!(thrown instanceof Error) || thrown instanceof RangeError) throw thrown;
    const place = hasSqlDetails(thrown) ? (thrown.sqlDetails?.cursorPosition ?? -1) : -1;
    throw new UnreadableSql(thrown.message, 'syntax_error', place >= 0 ? place : undefined);
  }
}

function singleSelect(tree: SyntaxNode): SyntaxNode {
  const statements = asNodes(tree.stmts);
  if (statements.length !== 1) throw new UnreadableSql('exactly one statement is expected', 'security_violation');
  const body = asNode(statements[0]!.stmt);
  if (!('SelectStmt' in body)) throw new UnreadableSql('it is not a SELECT', 'security_violation');
  return asNode(body.SelectStmt);
}
