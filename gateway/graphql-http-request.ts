import type { IncomingMessage } from 'node:http';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { pipeline, type Readable } from 'node:stream';

import { errors } from '#platform/errors';

/** A GraphQL request as HTTP carries it. */
export interface GraphqlParams {
  /** Absent where a persisted operation is named in `extensions`. */
  readonly query?: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (what: string, hint: string): Error => errors.INVALID_REQUEST({ what, hint }, { field: what });

/** Content types that a page of another origin can send without asking first (Fetch standard, "CORS-safelisted"). */
const simpleTypes = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];

export async function readParams(request: IncomingMessage, maxBytes: number): Promise<GraphqlParams> {
  if (request.method === 'GET') return checkParams(queryFields(request));
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (simpleTypes.includes(type))
    throw invalid('content-type', 'send application/json; forms and plain text could come from a page of another origin');
  if (type !== 'application/json')
    throw errors.UNSUPPORTED_MEDIA_TYPE({ type: type === '' ? '(none)' : type, expected: 'application/json' });
  const charset = /charset=("?)([^";\s]+)\1/i.exec(request.headers['content-type'] ?? '')?.[2];
  if (charset && charset.toLowerCase() !== 'utf-8' && charset.toLowerCase() !== 'utf8') {
    throw errors.UNSUPPORTED_MEDIA_TYPE({ type: `charset ${charset}`, expected: 'application/json in UTF-8' });
  }
  return checkParams(await readJson(request, maxBytes));
}

function queryFields(request: IncomingMessage): Fields {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const fields: Record<string, unknown> = {};
  for (const [name, value] of searchParams) {
    if (name !== 'variables' && name !== 'extensions') fields[name] = value;
    else fields[name] = parseJson(value, name);
  }
  return fields;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid(what, 'it is no JSON');
  }
}

async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  // A body parser in front of us may have read it already.
  const parsed = (request as { body?: unknown }).body;
  if (parsed !== undefined) return parsed;
  const text = (await readBody(request, maxBytes)).toString('utf8');
  return parseJson(text, 'body');
}

const decoders: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = (): Error => errors.PAYLOAD_TOO_LARGE({ maxBytes });
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  const decoder = decoders[encoding];
  if (!decoder && encoding !== 'identity')
    throw errors.UNSUPPORTED_MEDIA_TYPE({ type: `encoding ${encoding}`, expected: 'gzip, deflate, br or none' });
  const body = (decoder ? pipeline(request, decoder(), () => undefined) : request) as Readable;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Destroying the request would end the socket before the answer is on it.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      // Counted after decoding: a kilobyte can unpack to a gigabyte.
      size += chunk.length;
      if (size > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (decoder && !(thrown instanceof Error && thrown.name === 'AppError')) throw invalid('body', `it is no ${encoding}`);
    throw thrown;
  }
  return Buffer.concat(chunks, size);
}

function checkParams(fields: unknown): GraphqlParams {
  if (Array.isArray(fields)) throw invalid('body', 'send one operation a request; batches are not accepted');
  if (!isRecord(fields)) throw invalid('body', 'send an object with query, operationName, variables and extensions');
  const { query, operationName, variables, extensions } = fields;
  if (query !== undefined && query !== null && typeof query !== 'string') throw invalid('query', 'it must be a string');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    throw invalid('operationName', 'it must be a string');
  if (variables !== undefined && variables !== null && !isRecord(variables)) throw invalid('variables', 'it must be an object');
  if (extensions !== undefined && extensions !== null && !isRecord(extensions)) throw invalid('extensions', 'it must be an object');
  if ((query === undefined || query === null) && !isRecord(extensions?.persistedQuery)) throw invalid('query', 'send a GraphQL operation');
  return {
    ...(typeof query === 'string' ? { query } : {}),
    ...(typeof operationName === 'string' && operationName !== '' ? { operationName } : {}),
    ...(variables ? { variables } : {}),
    ...(extensions ? { extensions } : {}),
  };
}
