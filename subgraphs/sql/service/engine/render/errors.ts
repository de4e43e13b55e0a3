/** No chain of joins connects the tables: there is no query, and the engine asks instead. */
export class NotConnectedError extends Error {
  constructor(readonly tables: readonly string[]) {
    super(`no join connects ${tables.join(', ')}`);
    this.name = 'NotConnectedError';
  }
}
