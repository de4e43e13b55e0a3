import { Kind, parse, type OperationDefinitionNode } from 'graphql';

import type { GraphEngine } from '../../gateway/engine';

export type Data = Readonly<Record<string, unknown>>;

/** What a client's frame makes the graph do. */
export interface Action {
  /** Fields of the frame that must be there, as text. */
  readonly needs: readonly string[];
  readonly operation: string;
  variables(id: string, data: Data): Data;
}

/** One kind of typed-event stream: where it is, what it reads, and what its clients may say. */
export interface StreamDoor {
  readonly name: string;
  /** Of the WebSocket, with one parameter. */
  readonly socketPath: string;
  /** Of the server-sent events, below `/api/v1`; the parameter is the session. */
  readonly eventsPath?: string;
  /** Reads `$id` (the session) after `$after`; the root field is aliased `event`. */
  readonly subscription: string;
  /** What the address names: the session itself, or an agent that talks in a session of its own. */
  readonly names: 'session' | 'agent';
  readonly actions: Readonly<Record<string, Action>>;
}

const eventFields = 'eventId sequence type data timestamp sessionId runId messageId requestId';
const input =
  (fields: (id: string, data: Data) => Data): Action['variables'] =>
  (id, data) => ({ input: fields(id, data) });

export const chatDoor: StreamDoor = {
  name: 'chat',
  socketPath: '/ws/chat/:session_id',
  eventsPath: '/bi/chat/sessions/:session_id/events',
  names: 'session',
  subscription: `subscription chat_socket($id: ID!, $after: Int) { event: chatEvents(sessionId: $id, after: $after) { ${eventFields} } }`,
  actions: {
    message: {
      needs: ['content'],
      operation: 'mutation chat_message($input: StartTurnInput!) { startTurn(input: $input) { runId } }',
      variables: input((sessionId, { content }) => ({ sessionId, message: content })),
    },
    refine: {
      needs: ['refinement'],
      operation: 'mutation chat_refine($input: StartTurnInput!) { startTurn(input: $input) { runId } }',
      variables: input((sessionId, { refinement }) => ({ sessionId, refinement })),
    },
    cancel: {
      needs: [],
      operation: 'mutation chat_cancel($input: SessionInput!) { cancelTurn(input: $input) { cancelled } }',
      variables: input((sessionId) => ({ sessionId })),
    },
  },
};

const rootField = (operation: string): { readonly kind: 'subscription' | 'mutation' | 'query'; readonly field: string } => {
  const definition = parse(operation).definitions[0] as OperationDefinitionNode;
  const root = definition.selectionSet.selections[0];
  return { kind: definition.operation, field: root?.kind === Kind.FIELD ? root.name.value : '' };
};

/**
 * The doors that this graph can serve, with the actions that it knows. A domain that is not running leaves its door shut; one that is there
 * but does not fit its operations stops the start.
 */
export function availableDoors(engine: GraphEngine, doors: readonly StreamDoor[]): readonly StreamDoor[] {
  const knows = (operation: string): boolean => {
    const { kind, field } = rootField(operation);
    const root = {
      subscription: engine.schema.getSubscriptionType(),
      mutation: engine.schema.getMutationType(),
      query: engine.schema.getQueryType(),
    }[kind];
    if (root?.getFields()[field] === undefined) return false;
    engine.prepare(operation);
    return true;
  };
  return doors
    .filter(({ subscription }) => knows(subscription))
    .map((door) => ({
      ...door,
      actions: Object.fromEntries(Object.entries(door.actions).filter(([, { operation }]) => knows(operation))),
    }));
}
