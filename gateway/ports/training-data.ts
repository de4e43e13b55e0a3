import type { Caller } from '#platform/auth';

import { operation, type GraphClient } from './graph-client';

const extract = operation(`mutation TrainingRows($input: ExtractRowsInput!) {
  extractRows(input: $input) { queryId columns { name type } rows truncated dataVersion }
}`);

const find = operation(`query TrainingSource($id: ID!) { source(id: $id) { id } }`);

interface Extracted {
  readonly queryId: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly dataVersion: string;
}

/** Rows in number from the sql domain, for training. */
export function createTrainingData(graph: GraphClient) {
  return {
    async read(
      caller: Caller,
      input: { readonly sql: string; readonly sourceId: string; readonly maxRows: number },
      signal?: AbortSignal,
    ): Promise<Extracted> {
      const data = await graph.execute<{ extractRows: Extracted }>(caller, { document: extract, variables: { input }, signal });
      return data.extractRows;
    },
  };
}

/** Whether the caller has a source. */
export function createTrainingSources(graph: GraphClient) {
  return {
    async check(caller: Caller, sourceId: string): Promise<void> {
      await graph.execute(caller, { document: find, variables: { id: sourceId } });
    },
  };
}
