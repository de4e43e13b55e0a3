import { z } from 'zod';

import { errors, nearestName } from '#platform/errors';

import type { AgentConfig, AgentProfile } from './agent';
import { wireName } from './field-name';
import { memberConfigOf, runConfigSchema, type RunConfig } from './runs/run';
import { waitsForApproval, type AnyTool } from './tools';

/** Settings of one run that differ from its agent's; unknown ones are refused. */
export const runOverridesSchema = z.strictObject({
  provider: z.string().max(80).nullish(),
  model: z.string().max(200).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  toolsEnabled: z.array(z.string()).max(50).nullish(),
  maxIterations: z.number().int().min(1).max(50).nullish(),
  timeoutSeconds: z.number().int().min(1).max(3_600).nullish(),
  maxTokens: z.number().int().min(1).nullish(),
  maxCostUsd: z.number().positive().nullish(),
  sourceId: z.string().max(100).nullish(),
});
export type RunOverrides = z.infer<typeof runOverridesSchema>;

/** What a run of a team may use, all its members together. */
const teamLimitsSchema = z.strictObject({
  maxIterations: z.number().int().min(1).max(500).nullish(),
  timeoutSeconds: z.number().int().min(1).max(3_600).nullish(),
  maxTokens: z.number().int().min(1).nullish(),
  maxCostUsd: z.number().positive().nullish(),
});
export type TeamLimits = z.infer<typeof teamLimitsSchema>;

/** The settings of a run: its agent's, narrowed by what the caller asks for. */
export function configOf(agent: AgentProfile, overrides: RunOverrides, known: readonly AnyTool[]): RunConfig {
  const own = checked(runOverridesSchema, overrides, 'agent_config');
  const { config } = agent;
  const tools = own.toolsEnabled?.length ? narrowed(config, own.toolsEnabled, known) : null;
  return runConfigSchema.parse({
    ...memberConfigOf(agent),
    ...(tools ? { tools, mcpServers: [] } : {}),
    provider: own.provider ?? config.provider,
    model: own.model ?? config.model,
    temperature: own.temperature ?? config.temperature,
    sourceId: own.sourceId ?? config.sourceId,
    limits: {
      maxIterations: own.maxIterations ?? config.limits.maxIterations,
      timeoutSeconds: own.timeoutSeconds ?? config.limits.timeoutSeconds,
      maxTokens: Math.min(own.maxTokens ?? config.limits.maxTokens, config.limits.maxTokens),
      maxCostUsd: Math.min(own.maxCostUsd ?? config.limits.maxCostUsd, config.limits.maxCostUsd),
    },
  });
}

/** A team may use what its members may use together, unless the caller says less. */
export function teamLimitsOf(members: readonly AgentProfile[], wish: TeamLimits): RunConfig['limits'] {
  const asked = checked(teamLimitsSchema, wish, 'limits');
  const sum = (pick: (limits: AgentConfig['limits']) => number): number =>
    members.reduce((total, { config }) => total + pick(config.limits), 0);
  const least = (own: number | null | undefined, all: number): number => Math.min(own ?? all, all);
  return {
    maxIterations: least(
      asked.maxIterations,
      sum(({ maxIterations }) => maxIterations),
    ),
    timeoutSeconds: least(
      asked.timeoutSeconds,
      Math.min(
        3_600,
        sum(({ timeoutSeconds }) => timeoutSeconds),
      ),
    ),
    maxTokens: least(
      asked.maxTokens,
      sum(({ maxTokens }) => maxTokens),
    ),
    maxCostUsd: least(
      asked.maxCostUsd,
      sum(({ maxCostUsd }) => maxCostUsd),
    ),
  };
}

/** A caller may narrow the tools of an agent and never widen them. */
function narrowed({ tools }: AgentConfig, wanted: readonly string[], known: readonly AnyTool[]): readonly string[] {
  const available = known
    .filter((tool) => (tools.length > 0 ? tools.includes(tool.name) : !waitsForApproval(tool)))
    .map(({ name }) => name);
  const strange = wanted.find((name) => !available.includes(name));
  if (strange === undefined) return wanted;
  const isKnown = known.some(({ name }) => name === strange);
  const nearest = nearestName(strange, available);
  throw errors.INVALID_REQUEST(
    {
      what: 'agent_config.tools_enabled',
      hint: isKnown
        ? `this agent does not have ${strange}; it has ${available.join(', ')}`
        : `there is no tool ${strange}; ${nearest ? `did you mean ${nearest}` : `it has ${available.join(', ')}`}`,
    },
    { field: 'agent_config.tools_enabled' },
  );
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, prefix: string): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = wireName([prefix, ...issue!.path]);
  throw errors.INVALID_REQUEST({ what: field, hint: issue!.message }, { field });
}
