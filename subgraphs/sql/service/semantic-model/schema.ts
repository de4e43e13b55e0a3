import { z } from 'zod';

import { aggregateFunctions, timeGrains } from '../engine/tree';

const name = z.string().min(1).max(200);
const names = z.array(name).max(100);
const formula = z.string().min(1).max(2_000);

const dimension = z.strictObject({
  name,
  column: name,
  synonyms: names.optional(),
  description: z.string().optional(),
  grains: z.array(z.enum(timeGrains)).optional(),
  values: z.record(z.string(), names).optional(),
  pii: z.boolean().optional(),
  hidden: z.boolean().optional(),
});
const measure = z.strictObject({
  name,
  expression: formula,
  aggregate: z.enum(aggregateFunctions).optional(),
  synonyms: names.optional(),
  description: z.string().optional(),
  unit: z.string().optional(),
});
const entity = z.strictObject({
  name,
  table: name,
  synonyms: names.optional(),
  description: z.string().optional(),
  key: names.optional(),
  title: name.optional(),
  time: name.optional(),
  dimensions: z.array(dimension).default([]),
  measures: z.array(measure).default([]),
  filters: z.array(formula).optional(),
  hidden: z.boolean().optional(),
});
const metric = z.strictObject({
  name,
  label: z.string().optional(),
  expression: formula,
  filters: z.array(formula).optional(),
  synonyms: names.optional(),
  description: z.string().optional(),
  unit: z.string().optional(),
  time: name.optional(),
  better: z.enum(['up', 'down']).optional(),
});
const join = z.strictObject({
  from: name,
  to: name,
  cardinality: z.enum(['many_to_one', 'one_to_one', 'one_to_many', 'many_to_many']).default('many_to_one'),
  role: name.optional(),
  synonyms: names.optional(),
});
const policy = z.strictObject({ name, entity: name, roles: names.optional(), except: names.optional(), filter: formula });

/** The written form of a semantic model. */
export const semanticModelSchema = z.strictObject({
  version: z.literal(1).default(1),
  name: z.string().optional(),
  description: z.string().optional(),
  entities: z.array(entity).max(2_000).default([]),
  joins: z.array(join).max(5_000).default([]),
  metrics: z.array(metric).max(2_000).default([]),
  policies: z.array(policy).max(500).default([]),
});
