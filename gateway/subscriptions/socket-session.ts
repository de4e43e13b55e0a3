import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import type { WebSocket as ProtocolSocket } from 'graphql-ws';
import { WebSocket } from 'ws';

import type { Caller } from '#platform/auth';

import { CloseCode } from './close-codes';

export interface SessionOptions {
  readonly pingMs: number;
  now(): number;
}

/** setTimeout counts in 32 bits; a token that lives longer is looked at again. */
const maxTimerMs = 2_147_000_000;
/** A peer that does not answer our close frame has gone. */
const closeGraceMs = 2_000;

/** One socket: its caller, its running operations and its timers, all of which end with it. */
export class SocketSession {
  readonly id = `req-${randomUUID()}`;
  caller: Caller | undefined;
  private readonly operations = new Map<string, AbortController>();
  private release: (() => Promise<void>) | undefined;
  private expiry: NodeJS.Timeout | undefined;
  private readonly heartbeat: NodeJS.Timeout;
  private hasAnswered = true;
  private isOver = false;

  constructor(
    private readonly socket: WebSocket,
    readonly request: IncomingMessage,
    private readonly options: SessionOptions,
  ) {
    // Frames that break the protocol close the socket with their own codes (1002, 1007, 1009); the error event needs a listener.
    socket.on('error', () => undefined);
    socket.on('pong', () => (this.hasAnswered = true));
    this.heartbeat = setInterval(() => this.beat(), options.pingMs);
  }

  /** The socket as the protocol sees it. */
  get transport(): ProtocolSocket {
    const { socket } = this;
    return {
      protocol: socket.protocol,
      // Settles when the bytes have left: a paused reader holds back its own stream and no other.
      send: (data) =>
        new Promise((resolve, reject) => {
          if (this.isOver || socket.readyState !== WebSocket.OPEN) return resolve();
          socket.send(data, (failure) => (failure && socket.readyState === WebSocket.OPEN ? reject(failure) : resolve()));
        }),
      close: (code, reason) => this.close(code ?? 1000, reason ?? ''),
      onMessage: (handle) => {
        socket.on('message', (data: Buffer, isBinary: boolean) => {
          if (this.isOver) return;
          if (isBinary) return this.close(CloseCode.BadRequest, 'Binary frames are not part of the protocol');
          handle(String(data)).catch(() => this.close(CloseCode.BadRequest, 'Invalid message received'));
        });
      },
    };
  }

  /** Takes the caller; where the socket went away meanwhile, gives its place back and says false. */
  async adopt(caller: Caller, release: (() => Promise<void>) | undefined): Promise<boolean> {
    if (this.isOver) {
      await release?.();
      return false;
    }
    this.caller = caller;
    this.release = release;
    this.watchExpiry();
    return true;
  }

  startOperation(id: string): AbortSignal {
    const controller = new AbortController();
    this.operations.set(id, controller);
    return controller.signal;
  }

  endOperation(id: string): void {
    this.operations.get(id)?.abort();
    this.operations.delete(id);
  }

  close(code: number, reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    // The frame has 125 bytes, two of them the code.
    this.socket.close(code, reason.slice(0, 120));
    this.endOperations();
    setTimeout(() => this.socket.terminate(), closeGraceMs).unref();
  }

  closeAndWait(code: number, reason: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.readyState === WebSocket.CLOSED) return resolve();
      this.socket.once('close', () => resolve());
      this.close(code, reason);
    });
  }

  /** After the socket has closed, for whatever reason. */
  dispose(): void {
    this.isOver = true;
    clearInterval(this.heartbeat);
    clearTimeout(this.expiry);
    this.endOperations();
    void this.release?.().catch(() => undefined);
    this.release = undefined;
  }

  private endOperations(): void {
    for (const controller of this.operations.values()) controller.abort();
    this.operations.clear();
  }

  private beat(): void {
    if (!this.hasAnswered) return this.close(CloseCode.PingTimeout, 'No answer to pings');
    this.hasAnswered = false;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.ping();
  }

  private watchExpiry(): void {
    const { expiresAt } = this.caller ?? {};
    if (expiresAt === undefined) return;
    const left = expiresAt * 1_000 - this.options.now();
    if (left <= 0) return this.close(CloseCode.Forbidden, 'The token has expired');
    this.expiry = setTimeout(() => this.watchExpiry(), Math.min(left, maxTimerMs));
  }
}
