import { hash } from 'node:crypto';

import { errors } from '#platform/errors';

/**
 * A weak ETag of the answer's data alone: the envelope around it carries a time and would never be equal. A versioned thing puts its
 * version in front, `W/"7.x1Yz"`, which is what `If-Match` brings back.
 */
export function weakEtag(dataJson: string, data: unknown): string {
  const digest = hash('sha1', dataJson, 'base64url');
  const version = (data as { version?: unknown } | null)?.version;
  return Number.isInteger(version) ? `W/"${String(version)}.${digest}"` : `W/"${digest}"`;
}

/** Weak comparison of `If-None-Match` (RFC 9110 §13.1.2). */
export function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const bare = (tag: string): string => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => bare(tag) === bare(etag));
}

/** The version that `If-Match` asks for; undefined for `*`. Strong or weak, with or without the hash, or the bare number. */
export function readIfMatch(value: string): number | undefined {
  if (value.trim() === '*') return undefined;
  const version = /^(?:W\/)?"?(\d+)(?:\.[\w-]*)?"?$/.exec(value.trim())?.[1];
  if (version === undefined) {
    throw errors.INVALID_REQUEST({ what: 'If-Match', hint: 'send the ETag of the last read, or *' }, { field: 'header.if-match' });
  }
  return Number(version);
}
