import { z } from 'zod';

import { defineTool, type AnyTool } from './tool';

/**
 * Not a tool that a planner can call: the run itself asks for it before it first uses a language model that may cost much, so that a
 * person decides in the same way as about any other step.
 */
export const expensiveModel: AnyTool = defineTool({
  name: 'expensive_model',
  description: 'Uses a language model beyond the price that needs no approval.',
  schema: z.strictObject({ model: z.string().nullable(), max_cost_usd: z.number() }),
  effect: 'external',
  run: async ({ max_cost_usd: most }) => ({ output: { allowed: true }, summary: `The model may be used for up to ${most} US dollars.` }),
});
