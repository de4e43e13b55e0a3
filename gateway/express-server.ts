import { createServer, IncomingMessage, ServerResponse, type RequestListener, type Server } from 'node:http';

import type { Express } from 'express';

/**
 * A server whose requests and answers have from the start the prototypes that the Express app gives them. Express changes the prototype of
 * both, which costs nothing where it is the same; where it is not, V8 makes a hidden class for every property that is then added to any one
 * of them. Those live until a full collection, and each collection of the young generation copies some 14 KB for every request.
 */
export function createExpressServer(app: Express, listener: RequestListener): Server {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  const prototypes = app as unknown as { request: object; response: object };
  prototypes.request = below(AppRequest, prototypes.request);
  prototypes.response = below(AppResponse, prototypes.response);
  return createServer({ IncomingMessage: AppRequest, ServerResponse: AppResponse }, listener);
}

/** The prototype of the class, with Express's methods behind it. */
function below(made: { readonly prototype: object }, methods: object): object {
  Object.setPrototypeOf(made.prototype, methods);
  return made.prototype;
}
