import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { errors } from '#platform/errors';

import { buildDuckdbFile, BuildFailure, cleanMessage, type Sandbox } from '../sandbox';
import type { SourceKind } from './types';

export interface FileImportOptions {
  readonly sandbox: Sandbox;
  /** Folder of the files that tenants upload: one folder inside for each tenant. */
  readonly directory: string;
}

export interface Upload {
  readonly tenantId: string;
  readonly filename: string;
  readonly content: Buffer;
  readonly signal?: AbortSignal;
}

export interface FileImport {
  importUpload(upload: Upload): Promise<{ readonly kind: SourceKind; readonly file: string }>;
  /** A file of this machine: databases are opened where they are, tables are read into a database file of the tenant. */
  importLocal(tenantId: string, file: string): Promise<{ readonly kind: SourceKind; readonly file: string; readonly name: string }>;
  /** Removes an imported file; a database that was opened where it is stays. */
  remove(file: string): Promise<void>;
}

const formats = ['csv', 'tsv', 'parquet', 'json', 'ndjson', 'jsonl', 'duckdb', 'sqlite'] as const;
type Format = (typeof formats)[number];

const aliases: Readonly<Record<string, Format>> = { txt: 'csv', db: 'sqlite', sqlite3: 'sqlite', ddb: 'duckdb' };
const hint = 'send a .csv, .tsv, .parquet, .json, .ndjson, .duckdb or .sqlite file';

const invalid = (what: string, cause?: unknown): Error =>
  errors.INVALID_REQUEST({ what: 'The file', hint: what }, { field: 'filename', cause });

function formatOf(filename: string): Format {
  const extension = path.extname(filename).slice(1).toLowerCase();
  const format = aliases[extension] ?? formats.find((known) => known === extension);
  if (!format) throw invalid(hint);
  return format;
}

/** A table name that needs no quotes: "Sales 2024 (final).csv" → sales_2024_final. */
export function tableNameOf(filename: string): string {
  const base = path.basename(filename, path.extname(filename)).normalize('NFKD').toLowerCase();
  const name = base
    .replace(/[^a-z\d]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60);
  return /^[a-z]/.test(name) ? name : `table_${name}`.replace(/_$/, '');
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const reading: Readonly<Record<Exclude<Format, 'duckdb' | 'sqlite'>, (file: string) => string>> = {
  csv: (file) => `read_csv(${quoted(file)}, sample_size = 100000)`,
  tsv: (file) => `read_csv(${quoted(file)}, delim = '\t', sample_size = 100000)`,
  parquet: (file) => `read_parquet(${quoted(file)})`,
  json: (file) => `read_json_auto(${quoted(file)}, maximum_object_size = 67108864)`,
  ndjson: (file) => `read_json_auto(${quoted(file)}, format = 'newline_delimited')`,
  jsonl: (file) => `read_json_auto(${quoted(file)}, format = 'newline_delimited')`,
};

// What a file of the format begins with; text formats must have no zero byte.
const magic: Readonly<Partial<Record<Format, { readonly bytes: string; readonly at: number }>>> = {
  parquet: { bytes: 'PAR1', at: 0 },
  sqlite: { bytes: 'SQLite format 3\0', at: 0 },
  duckdb: { bytes: 'DUCK', at: 8 },
};

function checkContent(format: Format, head: Buffer): void {
  if (head.length === 0) throw invalid('it is empty');
  const expected = magic[format];
  if (expected && head.toString('latin1', expected.at, expected.at + expected.bytes.length) !== expected.bytes)
    throw invalid(`it is not a ${format} file`);
  if (!expected && head.includes(0)) throw invalid('it is not a text file; CSV and JSON are text in UTF-8');
}

export function createFileImport({ sandbox, directory }: FileImportOptions): FileImport {
  const root = path.resolve(directory);
  // The tenant's id is a caller's text: it never becomes a path as it is.
  const folderOf = (tenantId: string): string => path.join(root, Buffer.from(tenantId).toString('base64url').slice(0, 120));

  async function build(
    input: string,
    { tenantId, filename, format, signal }: { tenantId: string; filename: string; format: keyof typeof reading; signal?: AbortSignal },
  ): Promise<string> {
    const target = path.join(folderOf(tenantId), `${randomUUID()}.duckdb`);
    const table = tableNameOf(filename);
    const statements = [`create table "${table}" as select * from ${reading[format](input)}`, `select count(*) from "${table}"`];
    try {
      await buildDuckdbFile({ target, statements, inputs: [input], timeoutMs: 120_000, signal });
      return target;
    } catch (thrown) {
      if (thrown instanceof BuildFailure) throw invalid(firstSentence(cleanMessage(thrown.message, input)), thrown);
      throw thrown;
    }
  }

  return {
    async importUpload({ tenantId, filename, content, signal }) {
      const format = formatOf(filename);
      checkContent(format, content.subarray(0, 8_192));
      const folder = folderOf(tenantId);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await removeLeftovers(folder);
      if (format === 'duckdb' || format === 'sqlite') {
        const file = path.join(folder, `${randomUUID()}.${format}`);
        await writeFile(file, content, { mode: 0o600 });
        return { kind: format, file };
      }
      const input = path.join(folder, `${randomUUID()}.upload`);
      await writeFile(input, content, { mode: 0o600 });
      try {
        return { kind: 'duckdb', file: await build(input, { tenantId, filename, format, signal }) };
      } finally {
        await rm(input, { force: true });
      }
    },

    async importLocal(tenantId, given) {
      const file = path.resolve(given);
      const found = await stat(file).catch(() => undefined);
      if (!found?.isFile()) throw invalid(`there is no file ${path.basename(file)}`);
      const format = formatOf(file);
      checkContent(format, await headOf(file));
      const name = path.basename(file);
      if (format === 'duckdb' || format === 'sqlite') return { kind: format, file, name };
      return { kind: 'duckdb', file: await build(file, { tenantId, filename: name, format }), name };
    },

    async remove(file) {
      await sandbox.release(file);
      if (path.resolve(file).startsWith(`${root}${path.sep}`)) await rm(file, { force: true });
    },
  };
}

const leftoverMs = 3_600_000;

/** What an import left behind that was killed: no import takes an hour. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) {
    if (!/\.(upload|partial|partial\.wal)$/.test(entry)) continue;
    const file = path.join(folder, entry);
    const found = await stat(file).catch(() => undefined);
    if (found && found.mtimeMs < Date.now() - leftoverMs) await rm(file, { force: true });
  }
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8_192), 0, 8_192, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The engine's advice after its first sentence names settings that no caller can change. */
const firstSentence = (message: string): string =>
  message
    .replace(/^[A-Za-z ]+ Error: /, '')
    .split(/(?<=[a-z\d"'])\. |\n/)[0]!
    .slice(0, 300);
