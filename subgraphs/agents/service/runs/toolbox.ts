import type { Log } from '#platform/db';

import { expensiveModel, openMcpTools, waitsForApproval, type AnyTool, type McpTools } from '../tools';

import type { RunConfig } from './run';

export interface Toolbox {
  readonly tools: readonly AnyTool[];
  find(name: string): AnyTool | null;
  /** MCP servers that could not be reached. */
  readonly missing: readonly string[];
  close(): Promise<void>;
}

/** The tools that a run may use: those of its agent among the built-in ones, and those of its MCP servers. */
export async function openToolbox(
  config: RunConfig,
  {
    tools: builtIn,
    signal,
    logger,
    allowPrivateHosts,
  }: { readonly tools: readonly AnyTool[]; readonly signal: AbortSignal; readonly logger: Log; readonly allowPrivateHosts: boolean },
): Promise<Toolbox> {
  // An agent that names no tools gets those that only read.
  const own = builtIn.filter((tool) => (config.tools.length > 0 ? config.tools.includes(tool.name) : !waitsForApproval(tool)));
  const opened: McpTools[] = [];
  const missing: string[] = [];
  for (const server of config.mcpServers) {
    try {
      opened.push(await openMcpTools(server, { signal, allowPrivateHosts }));
    } catch (error) {
      signal.throwIfAborted();
      missing.push(server.name);
      logger.warn({ event: 'agents.mcp_unreachable', server: server.name, err: error }, 'an MCP server could not be reached');
    }
  }
  const tools = [...own, ...opened.flatMap((each) => each.tools)];
  return {
    tools,
    missing,
    find: (name) => [...tools, expensiveModel].find((tool) => tool.name === name) ?? null,
    async close() {
      await Promise.allSettled(opened.map((each) => each.close()));
    },
  };
}
