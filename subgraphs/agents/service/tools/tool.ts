import type { z } from 'zod';

import type { Caller } from '#platform/auth';

/** read: can be repeated. write: changes something of ours. external: leaves the service. The last two wait for a person. */
export type ToolEffect = 'read' | 'write' | 'external';

export interface ToolContext {
  readonly caller: Caller;
  readonly sessionId: string;
  readonly runId: string;
  /** What calls of language models count towards: the run, or that of its team. */
  readonly usageId: string;
  readonly sourceId: string | null;
  readonly signal: AbortSignal;
  /** The same for every attempt of the same call. */
  readonly idempotencyKey: string;
}

export interface ToolResult {
  /** What the agent and the client get. */
  readonly output: unknown;
  /** The same in a sentence or two. */
  readonly summary: string;
  /** That language models took for it. @default 0 */
  readonly tokensUsed?: number;
}

export interface Tool<Input = never> {
  readonly name: string;
  readonly description: string;
  readonly schema: z.ZodType<Input>;
  /** JSON Schema of the input where the tool came with its own. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>;
  readonly effect: ToolEffect;
  /** False where somebody who may has allowed its calls beforehand. @default by effect */
  readonly needsApproval?: boolean;
  run(input: Input, context: ToolContext): Promise<ToolResult>;
}

export type AnyTool = Tool<never>;

/** Keeps the type of the input while tools of different inputs share a list. */
export const defineTool = <Input>(tool: Tool<Input>): AnyTool => tool as unknown as AnyTool;

export const waitsForApproval = ({ effect, needsApproval }: AnyTool): boolean => needsApproval ?? effect !== 'read';
