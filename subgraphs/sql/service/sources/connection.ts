import { z } from 'zod';

import { errors } from '#platform/errors';

import { resolveAddress, type ReachOptions } from './network/address';
import type { SourceKind } from './types';

const needed = { error: 'it is needed, as text' };
const host = z
  .string(needed)
  .trim()
  .min(1, 'it must not be empty')
  .max(253)
  .regex(/^[A-Za-z0-9_.:[\]-]+$/, 'it must be a host name or an address');
const word = z.string(needed).trim().min(1, 'it must not be empty').max(200);
const port = (standard: number) => z.coerce.number().int().min(1).max(65_535).default(standard);
const server = { host, ssl: z.boolean().default(false), user: word.optional() };

const rules = {
  postgresql: z.strictObject({ ...server, port: port(5_432), database: word, schema: word.default('public') }),
  mysql: z.strictObject({ ...server, port: port(3_306), database: word }),
  clickhouse: z.strictObject({ ...server, port: port(8_123), database: word.default('default') }),
  trino: z.strictObject({ ...server, port: port(8_080), catalog: word, schema: word }),
};

export type ServerKind = keyof typeof rules;
export type ServerConnection = { [Kind in ServerKind]: z.infer<(typeof rules)[Kind]> };

export const isServerKind = (kind: SourceKind): kind is ServerKind => Object.hasOwn(rules, kind);

/** The settings of a server as they are kept; INVALID_REQUEST names the field. */
export function parseConnection<Kind extends ServerKind>(kind: Kind, connection: unknown): ServerConnection[Kind] {
  const read = rules[kind].safeParse(connection);
  if (read.success) return read.data as ServerConnection[Kind];
  // A misspelt name first: that it is missing under its right name follows from it.
  const issue = read.error.issues.find(({ code }) => code === 'unrecognized_keys') ?? read.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const field = ['connection', ...(issue?.path ?? []), ...(unknown ? [unknown] : [])].join('.');
  const hint = unknown ? `the settings are ${Object.keys(rules[kind].shape).join(', ')}` : (issue?.message ?? 'it could not be read');
  throw errors.INVALID_REQUEST({ what: field, hint }, { field });
}

/** Checks the settings of an engine and that its host may be reached. Answers the settings with their defaults. */
export async function checkConnection(
  kind: SourceKind,
  connection: Record<string, unknown>,
  options: ReachOptions,
): Promise<Record<string, unknown>> {
  if (!isServerKind(kind)) return {};
  const read = parseConnection(kind, connection);
  await resolveAddress(read.host, options);
  return read;
}
