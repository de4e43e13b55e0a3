import { UnreadableSql } from './ir';

/** An object of an engine's syntax tree. Reading it strictly means: every key is either used, known to be harmless, or refused. */
export type SyntaxNode = Readonly<Record<string, unknown>>;

export const asNode = (value: unknown): SyntaxNode => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as SyntaxNode;
  throw new UnreadableSql('this form of SELECT is not supported', 'security_violation');
};

export const asNodes = (value: unknown): SyntaxNode[] => (value === undefined || value === null ? [] : (value as unknown[]).map(asNode));

export const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

const isDefault = (value: unknown): boolean =>
  value === undefined || value === null || value === false || value === '' || (Array.isArray(value) && value.length === 0);

/** Refuses a node with a key that this reader does not know, unless its value says "not used". */
export function only(node: SyntaxNode, known: string, what: string): void {
  const names = new Set(known.split(' '));
  for (const [key, value] of Object.entries(node)) {
    if (!names.has(key) && !isDefault(value))
      throw new UnreadableSql(`${what} with ${key.replaceAll('_', ' ')} is not supported`, 'security_violation');
  }
}
