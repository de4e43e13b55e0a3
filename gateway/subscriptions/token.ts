import type { IncomingMessage } from 'node:http';

const bearer = /^Bearer\s+(\S+)$/i;

const readToken = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || value === '') return undefined;
  return bearer.exec(value)?.[1] ?? value;
};

/** The token of a socket: in `connection_init`, else in the upgrade's header, else in its query (browsers can set neither header). */
export function tokenOf(request: IncomingMessage, params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const inInit = params?.authorization ?? params?.Authorization ?? params?.access_token ?? params?.token;
  const searchParams = new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? '');
  return readToken(inInit) ?? readToken(request.headers.authorization) ?? readToken(searchParams.get('access_token'));
}
