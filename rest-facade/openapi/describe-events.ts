import type { StreamDoor } from '../streams/doors';
import type { JsonSchema } from './json-schema';
import { errorReferences, headerReferences } from './responses';

/** The operation of an event stream. */
export const describeEvents = (door: StreamDoor): JsonSchema => ({
  operationId: `${door.name}Events`,
  summary: `Events of a ${door.name} session as they happen`,
  description: `Server-sent events. Each has \`event:\` (its type), \`id:\` (its sequence, gapless) and \`data:\` (JSON with \`type\`, the fields of the event, \`data\` and \`metadata\`). Without a position the stream starts now; \`Last-Event-ID\` or \`after_sequence\` resumes after an event without a gap. The same stream comes over WebSocket at \`${door.socketPath.replace(/:(\w+)/g, '{$1}')}\`.`,
  tags: [door.name === 'chat' ? 'Chat' : 'Agents'],
  parameters: [
    ...[...door.eventsPath.matchAll(/:(\w+)/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      description: 'The session.',
      schema: { type: 'string' },
      example: 'sess-01hx4',
    })),
    {
      name: 'after_sequence',
      in: 'query',
      required: false,
      description: 'The last sequence seen.',
      schema: { type: 'integer', minimum: 0 },
    },
    {
      name: 'Last-Event-ID',
      in: 'header',
      required: false,
      description: 'The same, as browsers send it when they come back.',
      schema: { type: 'string', pattern: '^\\d+$' },
    },
  ],
  responses: {
    '200': {
      description: 'The events, until the client leaves or the token expires.',
      headers: headerReferences(),
      content: {
        'text/event-stream': {
          schema: { type: 'string' },
          example: 'event: text\nid: 4\ndata: {"type":"text","content":"Revenue rose.","is_final":true}\n\n',
        },
      },
    },
    ...errorReferences('GET'),
  },
});
