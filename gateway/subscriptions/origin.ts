import type { IncomingMessage } from 'node:http';

/**
 * Browsers open sockets to any host and send its cookies and nothing asks first, so the server has to look at `Origin`. Programs
 * other than browsers send none.
 */
export function isAllowedOrigin({ headers }: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
