import { UnreadableSql } from './ir';
import { asNode, asNodes, asText, type SyntaxNode } from './syntax-node';

export const unsupported = (what: string): never => {
  throw new UnreadableSql(`${what} is not supported`, 'security_violation');
};

/** PostgreSQL's tree wraps each node in an object whose only key is the node's type. */
export function unwrap(value: unknown): readonly [string, SyntaxNode] {
  const [entry, ...rest] = Object.entries(asNode(value));
  if (!entry || rest.length > 0) return unsupported('this form');
  return [entry[0], asNode(entry[1])];
}

export const textOf = (value: unknown): string => asText(asNode(asNode(value).String ?? {}).sval);

export const names = (value: unknown): string[] => asNodes(value).map(textOf);

export const at = (node: SyntaxNode): number | undefined =>
  typeof node.location === 'number' && node.location >= 0 ? node.location : undefined;
