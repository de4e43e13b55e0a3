import { api, query } from './api.js';
import { chart } from './chart.js';
import { make } from './dom.js';
import { openEvents } from './event-stream.js';
import { table } from './table.js';

const words = {
  router: 'Reading the question',
  sql: 'Writing and running SQL',
  visualization: 'Choosing a chart',
  analysis: 'Looking for what stands out',
  docs: 'Looking it up',
};

/** One answer as it grows, event by event. */
function createAnswer(onAsk) {
  const parts = Object.fromEntries(
    ['progress', 'text', 'chart', 'insights', 'data', 'sql', 'problem', 'chips', 'meta'].map((name) => [
      name,
      make(name === 'insights' ? 'ul' : 'div', { class: name }),
    ]),
  );
  parts.problem.setAttribute('role', 'alert');
  const element = make('article', { class: 'answer', 'aria-label': 'Answer' }, Object.values(parts));
  let rows;
  parts.progress.textContent = 'Thinking';

  const show = {
    status: () => {},
    step_start: ({ agent }) => (parts.progress.textContent = words[agent] ?? agent),
    text: ({ content }) => parts.text.append(content),
    sql: ({ sql, explanation, confidence, dialect }) => {
      if (!sql) return;
      parts.sql.replaceChildren(
        make(
          'details',
          {},
          make('summary', {}, `SQL${dialect ? ` (${dialect})` : ''}`),
          make('pre', { class: 'sql' }, sql),
          explanation ? make('p', { class: 'hint' }, explanation) : null,
        ),
      );
      if (typeof confidence === 'number') parts.meta.append(make('span', {}, `confidence ${Math.round(confidence * 100)} %`));
    },
    data: (data) => {
      rows = data;
      parts.data.replaceChildren(make('details', { open: !parts.chart.hasChildNodes() }, make('summary', {}, 'Rows'), table(data)));
    },
    visualization: (visualization) => {
      if (!visualization.spec) return;
      parts.chart.replaceChildren(chart(visualization, rows));
      parts.data.querySelector('details')?.removeAttribute('open');
    },
    insight: ({ text }) => parts.insights.append(make('li', {}, text)),
    suggestions: ({ suggestions }) =>
      parts.chips.replaceChildren(
        ...suggestions.map((suggestion) => make('button', { type: 'button', onclick: () => onAsk(suggestion) }, suggestion)),
      ),
    citation: ({ title, section, excerpt }) =>
      parts.meta.append(make('span', { title: excerpt }, `Source: ${section ? `${title} › ${section}` : title}`)),
    warning: ({ message, reason }) => parts.problem.append(make('p', { class: 'warning' }, message ?? reason)),
    error: ({ message }) => (parts.problem.textContent = message),
    stream_end: ({ execution_time_ms: time, status }) => {
      parts.progress.remove();
      if (time !== undefined)
        parts.meta.append(make('span', {}, `${status === 'completed' ? 'answered' : status} in ${Math.round(time).toLocaleString()} ms`));
    },
  };
  return { element, apply: ({ type, data }) => show[type]?.(data) };
}

/** A stored answer through the same pieces as a live one. */
function storedAnswer({ answer, content, error, status }, onAsk) {
  const shown = createAnswer(onAsk);
  const { sql, explanation, confidence, dialect, data, visualization, insights = [], execution_time_ms: time } = answer ?? {};
  shown.apply({ type: 'text', data: { content: answer?.response ?? content ?? '' } });
  if (sql) shown.apply({ type: 'sql', data: { sql, explanation, confidence, dialect } });
  if (data) shown.apply({ type: 'data', data });
  if (visualization) shown.apply({ type: 'visualization', data: visualization });
  for (const insight of insights) shown.apply({ type: 'insight', data: insight });
  if (error) shown.apply({ type: 'error', data: error });
  shown.apply({ type: 'stream_end', data: { status, execution_time_ms: time } });
  return shown.element;
}

export function askView({ source }) {
  const turns = make('div', { class: 'turns', role: 'log', 'aria-live': 'polite', 'aria-label': 'Conversation' });
  const box = make('textarea', {
    rows: '1',
    placeholder: 'Ask about your data',
    'aria-label': 'Question',
    maxlength: '2000',
    enterkeyhint: 'send',
  });
  const send = make('button', { type: 'submit', class: 'primary' }, 'Ask');
  const list = make('ul');
  let session;
  let events;
  let current;

  // The newest question stays at the top while its answer grows: people read from the beginning.
  const scroll = () => [...turns.querySelectorAll('.question')].at(-1)?.scrollIntoView({ block: 'start' });
  const say = (text) => make('div', { class: 'question' }, text);
  const onState = (state, detail) => {
    if (state === 'closed') current?.apply({ type: 'error', data: { message: detail.reason || 'The connection was closed.' } });
  };
  const onEvent = (event) => {
    if (event.type === 'stream_start' && !current) turns.append((current = createAnswer(ask)).element);
    current?.apply(event);
    if (event.type === 'stream_end' || (event.type === 'error' && event.metadata.sequence === undefined)) {
      if (event.type === 'error') current?.apply({ type: 'stream_end', data: {} });
      current = undefined;
      send.disabled = false;
      void refreshList();
    }
    scroll();
  };

  async function begin() {
    const created = await api('/bi/chat/sessions', { method: 'POST', body: source() ? { source_id: source() } : {} });
    session = created.session_id ?? created.id;
    events = openEvents(session, { onEvent, onState });
  }

  async function ask(text) {
    const content = text.trim();
    if (content === '' || send.disabled) return;
    send.disabled = true;
    turns.querySelector('.hello')?.remove();
    turns.append(say(content));
    turns.append((current = createAnswer(ask)).element);
    scroll();
    try {
      if (!session) await begin();
      events.say({ type: 'message', data: { content } });
    } catch (error) {
      current.apply({ type: 'error', data: error });
      current.apply({ type: 'stream_end', data: {} });
      current = undefined;
      send.disabled = false;
    }
  }

  function leave() {
    events?.close();
    [session, events, current] = [undefined, undefined, undefined];
    send.disabled = false;
  }

  async function welcome() {
    leave();
    const chips = make('div', { class: 'chips' });
    turns.replaceChildren(
      make(
        'section',
        { class: 'hello' },
        make('h1', {}, 'What would you like to know?'),
        make(
          'p',
          {},
          'Ask in plain words. You see the SQL, the rows, a chart and what stands out; follow-ups such as “only Europe” or “by month instead” edit the last question.',
        ),
        chips,
      ),
    );
    const suggestions = await api(`/sql/suggestions${query({ source_id: source(), limit: 6 })}`).catch(() => []);
    chips.replaceChildren(...suggestions.map(({ question }) => make('button', { type: 'button', onclick: () => ask(question) }, question)));
  }

  async function reopen(id) {
    leave();
    const { items } = await api(`/bi/chat/sessions/${encodeURIComponent(id)}/history?limit=50`);
    const inOrder = [...items].sort((a, b) => a.ordinal - b.ordinal);
    turns.replaceChildren(...inOrder.map((message) => (message.role === 'user' ? say(message.content) : storedAnswer(message, ask))));
    session = id;
    events = openEvents(id, { onEvent, onState });
    scroll();
    void refreshList();
  }

  async function refreshList() {
    const { items } = await api('/bi/chat/sessions?limit=30').catch(() => ({ items: [] }));
    const asked = items.filter(({ message_count: count }) => count > 0);
    list.replaceChildren(
      ...asked.map((one) => {
        const id = one.session_id ?? one.id;
        return make(
          'li',
          {},
          make(
            'button',
            { type: 'button', title: one.title, 'aria-current': id === session ? 'true' : undefined, onclick: () => reopen(id) },
            one.title || 'Untitled',
          ),
        );
      }),
    );
  }

  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    box.form.requestSubmit();
  });
  box.addEventListener('input', () => {
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight}px`;
  });
  const submit = (event) => {
    event.preventDefault();
    const text = box.value;
    if (send.disabled) return;
    box.value = '';
    box.style.height = 'auto';
    void ask(text);
  };

  const past = make(
    'aside',
    { class: 'past', 'aria-label': 'Conversations' },
    make('button', { type: 'button', onclick: () => void welcome().then(() => box.focus()) }, '+ New conversation'),
    make('h2', {}, 'Recent'),
    list,
  );
  const compose = make('div', { class: 'compose' }, make('form', { onsubmit: submit }, box, send));
  void welcome();
  void refreshList();
  return {
    element: make('div', { class: 'ask' }, past, make('section', { class: 'talk' }, turns, compose)),
    close: leave,
    onSource: () => void welcome(),
    focus: () => box.focus(),
  };
}
