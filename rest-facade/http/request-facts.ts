import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** The caller's `X-Request-ID` where it is harmless in a log line, else a new one. */
export const readRequestId = (headers: IncomingHttpHeaders): string => {
  const given = one(headers['x-request-id']);
  return given !== undefined && /^[\w.:/+=-]{1,128}$/.test(given) ? given : randomUUID();
};

/** W3C Trace Context, version 00; anything else is not passed on. */
export const readTraceparent = (headers: IncomingHttpHeaders): string | undefined => {
  const given = one(headers.traceparent);
  return given !== undefined && /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.test(given) ? given : undefined;
};

/** The token of `Authorization: Bearer …`. A token in the query string of an HTTP request is not looked at: it would be in every log on the way. */
export const readBearer = (headers: IncomingHttpHeaders): string | undefined => /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];

export interface Address {
  readonly path: string;
  /** The query string without its question mark. */
  readonly search: string;
}

/** Express shortens `url` below a mount point and keeps the whole in `originalUrl`. */
export function readAddress(req: IncomingMessage): Address {
  const url = (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/';
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, search: '' } : { path: url.slice(0, mark), search: url.slice(mark + 1) };
}
