import { z } from 'zod';

import { errors, nearestName } from '#platform/errors';

const roles = ['system', 'developer', 'user', 'assistant', 'tool'] as const;

const role = z.string().transform((given, context) => {
  const known = roles.find((each) => each === given);
  if (known) return known;
  const near = nearestName(given, roles);
  context.addIssue({
    code: 'custom',
    message: `${given.slice(0, 40)} is no role${near ? `; did you mean ${near}` : ''}; roles are ${roles.join(', ')}`,
  });
  return z.NEVER;
});

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const imagePart = z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string().max(2_000_000) }) });
const part = z.discriminatedUnion('type', [textPart, imagePart]);

const toolCall = z.object({
  id: z.string().min(1).max(200),
  type: z.literal('function').default('function'),
  function: z.object({ name: z.string().min(1).max(200), arguments: z.string() }),
});

const message = z.object({
  role,
  content: z.union([z.string(), z.array(part)]).nullish(),
  tool_calls: z.array(toolCall).max(128).nullish(),
  tool_call_id: z.string().nullish(),
  name: z.string().nullish(),
});

const tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().regex(/^[\w.-]{1,64}$/, 'a tool name has 1 to 64 letters, digits, dots, hyphens and underscores'),
    description: z.string().max(10_000).nullish(),
    parameters: z.unknown().optional(),
    strict: z.boolean().nullish(),
  }),
});

const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({
      name: z.string().max(64),
      description: z.string().nullish(),
      schema: z.unknown(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** OpenAI's chat request as far as every provider can serve it. Unknown fields are let through unread: clients send many. */
export const chatRequest = z.object({
  messages: z.array(message).min(1, 'give at least one message').max(2_000),
  model: z.string().max(300).nullish(),
  temperature: z.number().min(0, 'it must be from 0 to 2').max(2, 'it must be from 0 to 2').nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.number().int().min(1, 'it must be 1 or more').max(1_000_000).nullish(),
  max_completion_tokens: z.number().int().min(1).max(1_000_000).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  seed: z.number().int().nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: z
    .union([z.enum(['none', 'auto', 'required']), z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) })])
    .nullish(),
  response_format: responseFormat.nullish(),
  reasoning_effort: z.string().max(20).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  n: z.literal(1, 'only one choice is given').nullish(),
});

export type ChatRequest = z.infer<typeof chatRequest>;

/** The checked value, or INVALID_REQUEST with the field of the first problem. */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue ? fieldOf(issue.path) : 'body';
  throw errors.INVALID_REQUEST({ what: field, hint: issue?.message ?? 'it has another shape' }, { field });
}

const fieldOf = (path: readonly PropertyKey[]): string =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`)).join('') || 'body';
