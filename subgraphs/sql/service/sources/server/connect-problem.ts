import { ConnectFailure, type ConnectProblem } from './engine-client';

const byCode: Readonly<Record<string, ConnectProblem>> = {
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'unreachable',
  UND_ERR_SOCKET: 'unreachable',
  PROTOCOL_CONNECTION_LOST: 'unreachable',
  '28P01': 'credentials',
  '28000': 'credentials',
  '3D000': 'database',
  ER_ACCESS_DENIED_ERROR: 'credentials',
  ER_DBACCESS_DENIED_ERROR: 'credentials',
  ER_BAD_DB_ERROR: 'database',
  HANDSHAKE_NO_SSL_SUPPORT: 'tls',
  HANDSHAKE_SSL_ERROR: 'tls',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
  CERT_HAS_EXPIRED: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
};

/** The failure as a problem of connecting, where its code says that it is one. */
export function asConnectFailure(thrown: unknown): unknown {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : '';
  const cause = typeof thrown === 'object' && thrown !== null && 'cause' in thrown ? thrown.cause : undefined;
  const problem = byCode[code] ?? (/does not support ssl/i.test(String(thrown)) ? 'tls' : undefined);
  if (problem) return new ConnectFailure(problem, thrown);
  return cause === undefined ? thrown : asConnectFailure(cause) instanceof ConnectFailure ? asConnectFailure(cause) : thrown;
}
