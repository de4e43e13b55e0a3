import { token } from './api.js';

const mayReturn = new Set([1001, 1006, 1011, 1012, 1013]);

/**
 * The typed events of one chat session. Comes back by itself where the server allows it, after the last event seen, so that nothing is lost
 * and nothing is shown twice.
 */
export function openEvents(sessionId, { onEvent, onState }) {
  let socket;
  let last;
  let attempt = 0;
  let isOver = false;
  let timer;
  const waiting = [];

  const connect = () => {
    const address = new URL(`/ws/chat/${encodeURIComponent(sessionId)}`, location.href.replace(/^http/, 'ws'));
    if (last !== undefined) address.searchParams.set('after_sequence', last);
    socket = new WebSocket(address);
    socket.onopen = () => socket.send(JSON.stringify({ type: 'connection_init', payload: { access_token: token.get() } }));
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === 'ping') return socket.send('{"type":"pong"}');
      if (event.type === 'connection_ready') {
        attempt = 0;
        onState('ready');
        for (const frame of waiting.splice(0)) socket.send(frame);
        return;
      }
      if (event.metadata?.sequence !== undefined) last = event.metadata.sequence;
      onEvent(event);
    };
    socket.onclose = ({ code, reason }) => {
      if (isOver) return;
      if (!mayReturn.has(code)) return onState('closed', { code, reason });
      onState('away');
      attempt += 1;
      timer = setTimeout(connect, Math.min(10_000, 400 * 2 ** attempt) * (0.5 + Math.random() / 2));
    };
  };
  connect();

  return {
    say(frame) {
      const text = JSON.stringify(frame);
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
      else waiting.push(text);
    },
    close() {
      isOver = true;
      clearTimeout(timer);
      socket.close(1000);
    },
  };
}
