import { z } from 'zod';

import { errors } from '#platform/errors';

import { personalKinds } from './recognisers';

export const guardrailNames = [
  'pii_detection',
  'prompt_injection',
  'content_safety',
  'sql_safety',
  'action_validation',
  'budget_guard',
  'rate_limiter',
] as const;
export type GuardrailName = (typeof guardrailNames)[number];

const reaction = z.enum(['flag', 'redact', 'block']);
const probability = z.number().min(0).max(1);

/** Thresholds travel as JSON at every door, so their keys are in snake_case like event data. */
const thresholdSchemas = {
  pii_detection: z.strictObject({
    input: reaction.default('flag'),
    output: reaction.default('redact'),
    kinds: z.array(z.enum(personalKinds)).default([...personalKinds]),
  }),
  prompt_injection: z.strictObject({ threshold: probability.default(0.5), action: z.enum(['flag', 'block']).default('flag') }),
  content_safety: z.strictObject({ threshold: probability.default(0.5), action: z.enum(['flag', 'block']).default('block') }),
  sql_safety: z.strictObject({}),
  action_validation: z.strictObject({}),
  budget_guard: z.strictObject({
    tokens_per_day: z.number().int().positive().default(2_000_000),
    usd_per_day: z.number().positive().default(50),
    /** A run that may cost more asks a person before it uses a language model. */
    approve_above_usd: z.number().positive().default(5),
  }),
  rate_limiter: z.strictObject({ runs_per_minute: z.number().int().positive().max(10_000).default(60) }),
} as const;

export type GuardrailSettings = {
  readonly [Name in GuardrailName]: { readonly enabled: boolean } & Readonly<z.infer<(typeof thresholdSchemas)[Name]>>;
};

/** What each guardrail watches over; shown with its settings. */
export const guardrailDescriptions: Readonly<Record<GuardrailName, string>> = {
  pii_detection:
    'Finds e-mail addresses, phone, card, IBAN, social security numbers and IP addresses by their check digits and ranges, in input and output.',
  prompt_injection: 'Flags text that tries to give orders to the agent, in input and in what tools return.',
  content_safety: 'Refuses requests for harm.',
  sql_safety: 'Parses each statement before it runs: one that only reads, on tables that are allowed.',
  action_validation: 'Checks each tool call: a tool that the agent has, arguments by schema, permissions of the caller.',
  budget_guard: 'Stops runs of a tenant that has spent its tokens or dollars of the day.',
  rate_limiter: 'Limits how many runs a person begins in a minute.',
};

export function checkedThresholds(name: GuardrailName, thresholds: unknown): Readonly<Record<string, unknown>> {
  const parsed = thresholdSchemas[name].safeParse(thresholds ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw errors.INVALID_REQUEST(
    { what: `thresholds of ${name}`, hint: `${issue!.path.join('.') || 'thresholds'}: ${issue!.message}` },
    { field: ['thresholds', ...issue!.path].join('.') },
  );
}

/** The tenant's own settings over the defaults; all guardrails are on until somebody turns one off. */
export function settingsFrom(
  rows: readonly { readonly name: string; readonly enabled: boolean; readonly thresholds: unknown }[],
): GuardrailSettings {
  const byName = new Map(rows.map((row) => [row.name, row]));
  return Object.fromEntries(
    guardrailNames.map((name) => {
      const row = byName.get(name);
      const parsed = thresholdSchemas[name].safeParse(row?.thresholds ?? {});
      return [name, { enabled: row?.enabled ?? true, ...(parsed.success ? parsed.data : thresholdSchemas[name].parse({})) }];
    }),
  ) as unknown as GuardrailSettings;
}
