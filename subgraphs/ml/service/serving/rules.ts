import { z } from 'zod';

import type { Row } from '../algorithms/prediction';

export const deployRules = z.object({
  modelId: z.string(),
  strategy: z.enum(['direct', 'canary', 'shadow', 'ab_test']),
  version: z.number().int(),
  candidateVersion: z.number().int().nullish(),
  /** Share of requests for the candidate. */
  trafficShare: z.number().min(0, 'it must be 0 to 1').max(1, 'it must be 0 to 1').nullish(),
  batchWindowMs: z.number().int().min(0, 'it must be 0 to 50').max(50, 'it must be 0 to 50').nullish(),
});

const maxName = 200;

function isRow(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const name in value) if (name.length > maxName) return false;
  return true;
}

// By hand and not as a record of the schema library, which makes a copy and some 8 KB of garbage of each row.
const featureRow = z.custom<Row>(isRow);
export const predictRules = z.object({
  modelId: z.string(),
  version: z.number().int().nullish(),
  alias: z.string().nullish(),
  features: z.union(
    [featureRow, z.array(featureRow).min(1).max(10_000)],
    'it must be an object of values by feature, or a list of such objects',
  ),
  /** Keeps a user or device on one side of a test. */
  stickyKey: z.string().max(200).nullish(),
});

export const batchRules = z.object({
  modelId: z.string(),
  version: z.number().int().nullish(),
  sourceId: z.string(),
  query: z.string().min(1).max(100_000),
  maxRows: z.number().int().min(1).max(100_000).nullish(),
});

/** How requests are spread over versions, as it is stored. */
export interface Deployment {
  readonly strategy: z.infer<typeof deployRules>['strategy'];
  readonly version: number;
  readonly candidateVersion: number | null;
  readonly trafficShare: number;
  readonly batchWindowMs?: number;
}
