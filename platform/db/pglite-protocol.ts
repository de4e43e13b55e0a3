/** What the main thread asks of the worker that runs PGlite. */
export type WorkerRequest =
  | { readonly id: number; readonly kind: 'query'; readonly text: string; readonly parameters: readonly (string | Uint8Array | null)[] }
  | { readonly id: number; readonly kind: 'dump' }
  | { readonly id: number; readonly kind: 'close' };

/** Rows in the server's text form, by column: values are parsed on the main thread, by the same parsers as PostgreSQL's. */
export interface RawResult {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly command: string;
  readonly rowCount: number;
}

export interface RawError {
  readonly message: string;
  readonly code?: string;
  readonly detail?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
  readonly where?: string;
}

export type WorkerReply =
  { readonly id: number; readonly result: RawResult | Uint8Array | null } | { readonly id: number; readonly error: RawError };

export interface WorkerSettings {
  /** Folder of the cluster; undefined: in memory. */
  readonly dataDirectory?: string;
  /** A dump to start from where there is no cluster yet. */
  readonly seedFile?: string;
}
