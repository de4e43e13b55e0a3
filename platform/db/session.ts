/** Rows of one statement, or of the last one of several. */
export interface SqlResult {
  readonly rows: readonly Record<string, unknown>[];
  readonly command: string;
  readonly rowCount: number;
}

export interface StatementOptions {
  /** Ends the statement, and with it the session. 0: no limit. */
  readonly timeoutMs: number;
}

/** One session of the database, held by one transaction at a time. */
export interface SqlSession {
  /** Without parameters `text` may hold several statements. */
  query(text: string, parameters: readonly unknown[], options: StatementOptions): Promise<SqlResult>;
  /** Gives the session back; `broken` sessions are not used again. */
  release(broken: boolean): void;
}

/** What differs between PGlite and PostgreSQL: how sessions come and go. */
export interface SqlBackend {
  readonly kind: 'pglite' | 'postgresql';
  /** The login of `acquire()`, where `acquireOwner()` has another. */
  readonly runtimeLogin?: string;
  acquire(): Promise<SqlSession>;
  /** A session that may create roles and tables. */
  acquireOwner(): Promise<SqlSession>;
  close(): Promise<void>;
}
