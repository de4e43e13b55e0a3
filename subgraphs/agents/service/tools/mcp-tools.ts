import type * as clientModule from '@modelcontextprotocol/sdk/client/index.js';
import type * as transportModule from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import Ajv from 'ajv';
import { z } from 'zod';

import { errors } from '#platform/errors';

import type { McpServer } from '../agent';

import { dispatcherFor, guardedFetch } from './public-hosts';
import { defineTool, type AnyTool } from './tool';

const connectMs = 10_000;
const callMs = 60_000;
const mostTools = 50;
const mostCharacters = 60_000;

export interface McpTools {
  readonly tools: readonly AnyTool[];
  close(): Promise<void>;
}

/** The tools of one MCP server, reached over Streamable HTTP. Arguments are checked against the server's own schemas before a call. */
export async function openMcpTools(
  server: McpServer,
  { signal, allowPrivateHosts }: { readonly signal: AbortSignal; readonly allowPrivateHosts: boolean },
): Promise<McpTools> {
  // Loaded on first use: most agents have no such server.
  const { Client } = require('@modelcontextprotocol/sdk/client/index.js') as typeof clientModule;
  const { StreamableHTTPClientTransport } = require('@modelcontextprotocol/sdk/client/streamableHttp.js') as typeof transportModule;
  const dispatcher = dispatcherFor(allowPrivateHosts);
  const client = new Client({ name: 'parley', version: '1' });
  const close = async (): Promise<void> => {
    await client.close();
    await dispatcher.destroy();
  };
  try {
    await client.connect(
      new StreamableHTTPClientTransport(new URL(server.url), { fetch: guardedFetch(dispatcher, { allowPrivateHosts }) }),
      {
        timeout: connectMs,
        signal,
      },
    );
    const { tools } = await client.listTools({}, { timeout: connectMs, signal });
    return { tools: tools.slice(0, mostTools).map((tool) => wrap(server, tool, client)), close };
  } catch (cause) {
    await close().catch(() => undefined);
    throw errors.SERVICE_UNAVAILABLE({}, { cause, details: { mcp_server: server.name } });
  }
}

interface RemoteTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

interface RemoteClient {
  callTool(
    request: { name: string; arguments: Record<string, unknown> },
    schema: undefined,
    options: { signal: AbortSignal; timeout: number },
  ): Promise<Record<string, unknown>>;
}

function wrap(server: McpServer, { name, description, inputSchema }: RemoteTool, client: unknown): AnyTool {
  const isValid = new Ajv({ strict: false }).compile(inputSchema);
  return defineTool({
    name: `mcp_${server.name}_${name}`.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64),
    description: (description ?? `${name} of ${server.name}`).slice(0, 1_000),
    schema: z.record(z.string(), z.unknown()).refine((input) => isValid(input), {
      error: () => `the server's schema refuses it: ${isValid.errors?.[0]?.instancePath ?? ''} ${isValid.errors?.[0]?.message ?? ''}`,
    }),
    jsonSchema: inputSchema,
    effect: 'external',
    needsApproval: server.approval === 'always',
    async run(input, { signal }) {
      const result = await (client as RemoteClient).callTool({ name, arguments: input }, undefined, { signal, timeout: callMs });
      const text = (Array.isArray(result.content) ? result.content : [])
        .map((part: { type?: string; text?: string }) => (part.type === 'text' ? (part.text ?? '') : `[${part.type ?? 'content'}]`))
        .join('\n')
        .slice(0, mostCharacters);
      if (result.isError) throw errors.QUERY_FAILED({ reason: `${name} of ${server.name} failed: ${text.slice(0, 500)}` });
      return { output: { text, structured: result.structuredContent ?? null }, summary: text.slice(0, 500) };
    },
  });
}
