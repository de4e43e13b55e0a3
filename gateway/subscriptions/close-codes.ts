/** Why a socket of the graph is closed. The graphql-ws client comes back by itself after 1001, 1013 and 4403 (given a fresh token). */
export const CloseCode = {
  GoingAway: 1001,
  TryAgainLater: 1013,
  BadRequest: 4400,
  Unauthorized: 4401,
  Forbidden: 4403,
  PingTimeout: 4408,
  TooManySockets: 4429,
} as const;
