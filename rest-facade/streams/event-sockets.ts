import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer } from 'ws';

import type { Caller } from '#platform/auth';

import { CloseCode } from '../../gateway/subscriptions/close-codes';
import { isAllowedOrigin } from '../../gateway/subscriptions/origin';
import { SocketSession } from '../../gateway/subscriptions/socket-session';
import { readAddress } from '../http/request-facts';
import { createRouter } from '../http/router';
import type { StreamDoor } from './doors';
import { SocketConnection } from './socket-connection';
import type { EventSocketDeps } from './event-socket-deps';

export interface EventSockets {
  readonly socketCount: number;
  /** Takes the upgrade where the path is one of its doors. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Ends the sockets of callers that have lost a right. */
  closeWhere(isMeant: (caller: Caller) => boolean): void;
  close(): Promise<void>;
}

/** The typed-event WebSockets under `/ws`. */
export function createEventSockets(deps: EventSocketDeps, doors: readonly StreamDoor[]): EventSockets {
  const { maxFrameBytes = 1_048_576, maxSockets = 10_000, pingMs = 15_000, allowedOrigins = [] } = deps;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false });
  const sessions = new Set<SocketSession>();
  const router = createRouter<StreamDoor>();
  for (const door of doors) router.add('GET', door.socketPath, door);
  let isClosing = false;

  return {
    get socketCount() {
      return sessions.size;
    },
    handleUpgrade(request, socket, head) {
      // Not `new URL`: it throws for addresses such as `//`, and here nothing would catch it.
      const { path, search } = readAddress(request);
      const found = router.find('GET', path);
      if (found.outcome !== 'found') return false;
      if (!isAllowedOrigin(request, allowedOrigins)) {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return true;
      }
      const id = Object.values(found.params)[0]!;
      sockets.handleUpgrade(request, socket, head, (opened) => {
        const session = new SocketSession(opened, request, { pingMs, now: Date.now });
        const connection = new SocketConnection(deps, session, { door: found.target, id, query: new URLSearchParams(search) });
        const heartbeat = setInterval(() => connection.heartbeat(), pingMs);
        sessions.add(session);
        opened.once('close', () => {
          clearInterval(heartbeat);
          sessions.delete(session);
          session.dispose();
          connection.dispose();
        });
        if (isClosing) session.close(CloseCode.GoingAway, 'Going away');
        else if (sessions.size > maxSockets) session.close(CloseCode.TryAgainLater, 'Too many sockets here; try again later');
        else void connection.open();
      });
      return true;
    },
    closeWhere(isMeant) {
      for (const session of sessions) if (session.caller && isMeant(session.caller)) session.close(CloseCode.Forbidden, 'Forbidden');
    },
    async close() {
      isClosing = true;
      await Promise.all([...sessions].map((session) => session.closeAndWait(CloseCode.GoingAway, 'Going away')));
      sockets.close();
    },
  };
}
