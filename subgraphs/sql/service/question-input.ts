import { z } from 'zod';

import { dialects } from './engine';

const tables = z.union([z.array(z.string()), z.string().transform((text) => text.split(/[^\p{L}\p{N}_.]+/u).filter(Boolean))]);

export const questionRules = z.object({
  question: z
    .string()
    .transform((text) => text.trim())
    .pipe(z.string().min(1, 'it must not be empty').max(2_000, 'it must have at most 2,000 characters')),
  sourceId: z.string().nullish(),
  dialect: z.enum(dialects).nullish(),
  schemaContext: tables.nullish(),
  maxRetries: z.number().int().min(0, 'it must be 0 to 5').max(5, 'it must be 0 to 5').nullish(),
  includeExplanation: z.boolean().nullish(),
  sessionId: z.string().nullish(),
  previousQueryId: z.string().nullish(),
  strategy: z.enum(['auto', 'semantic', 'llm']).nullish(),
  usageId: z.string().min(1, 'it must not be empty').max(200, 'it must have at most 200 characters').nullish(),
});
/** `refresh` is part of a question that is run as well. */
export type Question = z.infer<typeof questionRules> & Pick<Partial<Ask>, 'refresh'>;

export const runRules = z.object({
  timeoutSeconds: z.number().int().min(1, 'it must be 1 to 300').max(300, 'it must be 1 to 300').nullish(),
  maxRows: z.number().int().min(1, 'it must be 1 to 10,000').max(10_000, 'it must be 1 to 10,000').nullish(),
});

const parameterValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const statementRules = runRules.extend({
  filters: z.unknown().optional(),
  sql: z.string().min(1, 'it must not be empty').max(100_000, 'it must have at most 100,000 characters'),
  sourceId: z.string().nullish(),
  parameters: z.record(z.string().regex(/^[A-Za-z_]\w{0,62}$/), parameterValue).nullish(),
  refresh: z.boolean().nullish(),
});
export type Statement = z.infer<typeof statementRules>;

export const extractRules = z.object({
  sql: z.string().min(1, 'it must not be empty').max(100_000, 'it must have at most 100,000 characters'),
  sourceId: z.string(),
  maxRows: z.number().int().min(1).max(1_000_000, 'it must be 1 to 1,000,000').nullish(),
});

export const askRules = questionRules
  .extend(runRules.shape)
  .extend({ filters: z.unknown().optional(), refresh: z.boolean().nullish(), minConfidence: z.number().min(0).max(1).nullish() });
export type Ask = z.infer<typeof askRules>;
