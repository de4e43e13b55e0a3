import { UnreadableSql } from './ir';
import { asText, type SyntaxNode } from './syntax-node';

export const unsupported = (what: string): never => {
  throw new UnreadableSql(`${what} is not supported`, 'security_violation');
};

// DuckDB writes 2^64 − 1 where it knows no place.
export const at = (node: SyntaxNode): number | undefined =>
  typeof node.query_location === 'number' && node.query_location < 2 ** 53 ? node.query_location : undefined;

export const name = (value: unknown): string | undefined => asText(value) || undefined;

export const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(asText) : []);
