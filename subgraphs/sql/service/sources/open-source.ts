import { errors } from '#platform/errors';

import type { Sandbox } from '../sandbox';
import { FileAdapter } from './file-adapter';
import type { ReachOptions } from './network/address';
import type { OpenSource } from './types';

export interface OpenSourceOptions extends ReachOptions {
  readonly sandbox: Sandbox;
}

/** Opens the adapter of a source; nothing connects before its first use. */
export function createOpenSource({ sandbox }: OpenSourceOptions): OpenSource {
  return ({ kind, file }) => {
    if (kind === 'duckdb' || kind === 'sqlite') {
      if (!file) throw errors.INVALID_REQUEST({ what: 'The source', hint: 'it has no file' });
      return new FileAdapter(sandbox, kind, file);
    }
    throw errors.SERVICE_UNAVAILABLE();
  };
}
