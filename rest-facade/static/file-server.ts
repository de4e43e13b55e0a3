import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { isFresh } from '../http/etag';

/** A page or asset: a file on disk, or text made at start. */
export type StaticFile = { readonly file: string } | { readonly text: string; readonly type: string };

interface Loaded {
  readonly bytes: Buffer;
  readonly zipped: Buffer | undefined;
  readonly etag: string;
  readonly type: string;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Only our own files, nothing inline but styles that libraries insert, no frames, no other hosts. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const gzipped = promisify(gzip);

/** Serves a fixed list of addresses from memory; no path of a request ever reaches the disk. */
export function createFileServer(
  files: ReadonlyMap<string, StaticFile>,
): (req: IncomingMessage, res: ServerResponse, address: string) => Promise<boolean> {
  const loaded = new Map<string, Promise<Loaded>>();

  const load = async (file: StaticFile): Promise<Loaded> => {
    const bytes = 'file' in file ? await readFile(file.file) : Buffer.from(file.text);
    const type = 'file' in file ? (types[path.extname(file.file)] ?? 'application/octet-stream') : file.type;
    const zipped = bytes.length > 1_024 && /^(text|application\/json|image\/svg)/.test(type) ? await gzipped(bytes) : undefined;
    return { bytes, zipped, type, etag: `W/"${createHash('sha1').update(bytes).digest('base64url')}"` };
  };

  return async (req, res, address) => {
    const file = files.get(address);
    if (!file) return false;
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return true;
    }
    let pending = loaded.get(address);
    if (!pending) loaded.set(address, (pending = load(file)));
    const { bytes, zipped, etag, type } = await pending;
    const isZipped = zipped !== undefined && /\bgzip\b/.test(String(req.headers['accept-encoding'] ?? ''));
    const headers = {
      'Content-Type': type,
      ETag: etag,
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      Vary: 'Accept-Encoding',
    };
    if (isFresh(req.headers['if-none-match'], etag)) {
      res.writeHead(304, headers).end();
      return true;
    }
    const body = isZipped ? zipped : bytes;
    res.writeHead(200, { ...headers, 'Content-Length': body.length, ...(isZipped ? { 'Content-Encoding': 'gzip' } : {}) });
    res.end(req.method === 'HEAD' ? undefined : body);
    return true;
  };
}
