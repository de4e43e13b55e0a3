export { attachGraphqlWs, createGraphqlWs, type GraphqlWs, type GraphqlWsDeps } from './graphql-ws';
export { CloseCode } from './close-codes';
export type { StreamBounds } from './bounded-stream';
