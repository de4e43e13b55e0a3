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
  readonly name: 'chat' | 'agent';
  /** Of the WebSocket; its parameter is what `subscription` takes as `$id`. */
  readonly socketPath: string;
  /** Reads `$id` after `$after`; the root field is aliased `event`. */
  readonly subscription: string;
  /** A query of `found`; null closes the socket with 4404. For streams that do not check by themselves. */
  readonly check?: string;
  /** The stream of a session, where the socket's address names something else. `?session_id=` asks for it. */
  readonly bySession?: string;
  /** Of the server-sent events of a session, below `/api/v1`. */
  readonly eventsPath: string;
  readonly actions: Readonly<Record<string, Action>>;
}

const inputOf =
  (fields: (id: string, data: Data) => Data): Action['variables'] =>
  (id, data) => ({ input: fields(id, data) });

const chatFields = 'eventId sequence type data timestamp sessionId runId messageId requestId';

export const chatDoor: StreamDoor = {
  name: 'chat',
  socketPath: '/ws/chat/:session_id',
  eventsPath: '/bi/chat/sessions/:session_id/events',
  subscription: `subscription chat_events($id: ID!, $after: Int) { event: chatEvents(sessionId: $id, after: $after) { ${chatFields} } }`,
  actions: {
    message: {
      needs: ['content'],
      operation: 'mutation chat_message($input: StartTurnInput!) { startTurn(input: $input) { runId } }',
      variables: inputOf((sessionId, { content }) => ({ sessionId, message: content })),
    },
    refine: {
      needs: ['refinement'],
      operation: 'mutation chat_refine($input: StartTurnInput!) { startTurn(input: $input) { runId } }',
      variables: inputOf((sessionId, { refinement }) => ({ sessionId, refinement })),
    },
    cancel: {
      needs: [],
      operation: 'mutation chat_cancel($input: SessionInput!) { cancelTurn(input: $input) { cancelled } }',
      variables: inputOf((sessionId) => ({ sessionId })),
    },
  },
};

const agentFields = 'eventId sequence type data timestamp sessionId runId';
const decide = inputOf((_, { approval_id: id, notes }) => ({ id, ...(typeof notes === 'string' ? { notes } : {}) }));

export const agentDoor: StreamDoor = {
  name: 'agent',
  socketPath: '/ws/agent/:agent_id',
  eventsPath: '/agents/stream/:session_id',
  check: 'query agent_check($id: ID!) { found: agent(agentId: $id) { id } }',
  subscription: `subscription agent_events($id: ID!, $after: Int) { event: agentEvents(agentId: $id, after: $after) { ${agentFields} } }`,
  bySession: `subscription agent_session_events($id: ID!, $after: Int) { event: agentEvents(sessionId: $id, after: $after) { ${agentFields} } }`,
  actions: {
    message: {
      needs: ['content'],
      operation: 'mutation agent_message($input: StartAgentRunInput!) { startAgentRun(input: $input) { id } }',
      variables: inputOf((agentId, { content, session_id: sessionId }) => ({
        agentId,
        message: content,
        ...(sessionId ? { sessionId } : {}),
      })),
    },
    // Without an id the run that spoke last is meant.
    cancel: {
      needs: ['run_id'],
      operation: 'mutation agent_cancel($input: AgentRunInput!) { cancelAgentRun(input: $input) { id } }',
      variables: inputOf((_, { run_id: runId }) => ({ runId })),
    },
    approve: {
      needs: ['approval_id'],
      operation: 'mutation agent_approve($input: DecideApprovalInput!) { approveStep(input: $input) { id } }',
      variables: decide,
    },
    reject: {
      needs: ['approval_id'],
      operation: 'mutation agent_reject($input: DecideApprovalInput!) { rejectStep(input: $input) { id } }',
      variables: decide,
    },
  },
};

export const standardDoors: readonly StreamDoor[] = [chatDoor, agentDoor];

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
    .filter(({ subscription, bySession, check }) =>
      [subscription, bySession, check].every((operation) => operation === undefined || knows(operation)),
    )
    .map((door) => ({
      ...door,
      actions: Object.fromEntries(Object.entries(door.actions).filter(([, { operation }]) => knows(operation))),
    }));
}
