import type { Caller } from '#platform/auth';

export interface TrainingRows {
  readonly queryId: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly dataVersion: string;
}

/** Whether the caller has a source. */
export interface TrainingSources {
  /** NOT_FOUND for one that is not known, or another tenant's. */
  check(caller: Caller, sourceId: string): Promise<void>;
}

/** Rows of the sql domain, read as the caller. */
export interface TrainingData {
  read(
    caller: Caller,
    request: { readonly sql: string; readonly sourceId: string; readonly maxRows: number },
    signal?: AbortSignal,
  ): Promise<TrainingRows>;
}
