import type { RequestContext } from '#platform/graphql';

export type Headers = Readonly<Record<string, string>>;

interface Carried {
  readonly incoming: Headers;
  readonly outgoing: Map<string, string>;
}

// By signal, which is made once a request and kept by copies of its context; nothing outlives the request.
const carried = new WeakMap<AbortSignal, Carried>();

/** Lets the client's headers of this request travel to the subgraphs that ask for them, and theirs back. */
export function carryHeaders({ signal }: RequestContext, incoming: Headers): void {
  carried.set(signal, { incoming, outgoing: new Map() });
}

/** The client's headers of these names. */
export function incomingHeaders({ signal }: RequestContext, names: readonly string[]): Headers {
  const { incoming } = carried.get(signal) ?? {};
  if (!incoming) return {};
  return Object.fromEntries(names.flatMap((name) => (incoming[name] === undefined ? [] : [[name, incoming[name]]])));
}

/** Notes a subgraph's header for the client; several values of a name are joined as one list (RFC 9110 §5.3). */
export function returnHeader({ signal }: RequestContext, name: string, value: string): void {
  const outgoing = carried.get(signal)?.outgoing;
  if (!outgoing) return;
  const known = outgoing.get(name);
  outgoing.set(name, known === undefined || known === value ? value : `${known}, ${value}`);
}

export const outgoingHeaders = ({ signal }: RequestContext): ReadonlyMap<string, string> =>
  carried.get(signal)?.outgoing ?? new Map<string, string>();
