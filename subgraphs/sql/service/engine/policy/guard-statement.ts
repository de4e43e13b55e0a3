/**
 * Row policies compiled into any checked statement, generated or written by hand: each guarded table is replaced, where it stands, by
 * the select of the rows that the caller may see; then the result is proved.
 */
import { errors } from '#platform/errors';
import { parseSql } from '../../guard/parse';
import type { SemanticModel } from '../../semantic-model/types';
import type { Catalog } from '../catalog';
import { sqlDialect } from '../render/dialect';
import type { Query } from '../../guard/ir';
import { policiesOf, policyGuards, renderGuards, type PolicySubject } from './guards';
import { guardedMentions, provePolicies } from './prove';

export interface GuardedStatement {
  sql: string;
  /** Callers who may see other rows have another key; `none` without policies. */
  policyKey: string;
}

export async function guardStatement(
  sql: string,
  source: { catalog: Catalog; model: SemanticModel },
  subject: PolicySubject,
): Promise<GuardedStatement> {
  const { catalog, model } = source;
  if (policiesOf(model.policies, subject).length === 0) return { sql, policyKey: 'none' };
  const texts = renderGuards(policyGuards(model, catalog, subject), catalog, model);
  const scans = new Map<string, { text: string; query: Query }>();
  for (const [table, text] of texts) {
    const scan = scanText(table, text, catalog);
    scans.set(table, { text: scan, query: (await parseSql(scan, catalog.dialect)).query });
  }
  const text = sql.trim().replace(/(?:;\s*)+$/, '');
  const parsed = await parseSql(text, catalog.dialect);
  const guarded = splice(text, parsed.original ?? parsed.query, scans, catalog);
  const checked = await parseSql(guarded, catalog.dialect);
  const [unproven] = provePolicies(checked.query, new Map([...scans].map(([table, scan]) => [table, scan.query])));
  if (unproven) throw errors.FORBIDDEN({ hint: `${unproven.table} is guarded by a row policy, and ${unproven.reason}` });
  return { sql: checked.sql, policyKey: JSON.stringify([...texts].sort()) };
}

function scanText(table: string, guard: string, catalog: Catalog): string {
  const dialect = sqlDialect(catalog.dialect);
  const known = catalog.tables.find((item) => item.name.toLowerCase() === table);
  const name = [known?.schema, known?.name ?? table]
    .filter((part) => part !== undefined)
    .map((part) => dialect.identifier(part))
    .join('.');
  return `SELECT * FROM ${name} WHERE ${guard}`;
}

/** A table's name as written, quoted or not, with its schema. */
const NAME = /^(?:(?:"(?:[^"]|"")+"|`[^`]+`|[\p{L}_][\p{L}\p{N}_$]*)\s*\.\s*){0,2}(?:"(?:[^"]|"")+"|`[^`]+`|[\p{L}_][\p{L}\p{N}_$]*)/u;

function splice(sql: string, query: Query, scans: ReadonlyMap<string, { text: string }>, catalog: Catalog): string {
  let result = sql;
  for (const mention of guardedMentions(query, new Set(scans.keys()))) {
    const written = mention.at === undefined ? undefined : NAME.exec(result.slice(mention.at))?.[0];
    if (written === undefined || mention.at === undefined || !written.toLowerCase().includes(mention.name.toLowerCase())) {
      throw errors.FORBIDDEN({ hint: `${mention.name} is guarded by a row policy; ask a question instead of writing SQL` });
    }
    const alias = mention.alias ? '' : ` AS ${sqlDialect(catalog.dialect).identifier(mention.name)}`;
    result = `${result.slice(0, mention.at)}(${scans.get(mention.name.toLowerCase())!.text})${alias}${result.slice(mention.at + written.length)}`;
  }
  return result;
}
