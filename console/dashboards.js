import { api } from './api.js';
import { chart } from './chart.js';
import { templateChooser, tools } from './dashboard-tools.js';
import { make, shortDate } from './dom.js';
import { formatValue, table } from './table.js';

const problem = (error) =>
  make(
    'div',
    { class: 'empty' },
    make('h2', {}, error.status === 404 ? 'Nothing here' : 'That did not work'),
    make('p', {}, error.status === 404 ? 'There are no dashboards on this server, or this one is gone.' : error.message),
  );

const card = ({ id, name, description, visibility, widget_count: widgets, updated_at: updated, created_at: created }) =>
  make(
    'li',
    {},
    make(
      'a',
      { class: 'card', href: `#/dashboards/${encodeURIComponent(id)}` },
      make('h2', {}, name),
      description ? make('p', {}, description) : null,
      make(
        'p',
        { class: 'meta' },
        make('span', { class: 'tag' }, visibility),
        widgets === undefined || widgets === null ? null : make('span', {}, `${widgets} ${widgets === 1 ? 'widget' : 'widgets'}`),
        make('span', {}, shortDate(updated ?? created)),
      ),
    ),
  );

/** A number as the server's picture of it shows it, in the widget's own format where it has one. */
const figure = (value, format) =>
  format && typeof value === 'number' ? window.vega.defaultLocale().format(format)(value) : formatValue(value);

/** Where the rows come from and of when they are. */
function origin(widget, data) {
  if (!data || widget.widget_type === 'text') return null;
  const { question, metric } = widget.data_source ?? {};
  const time = data.data_time
    ? `Data of ${new Date(data.data_time).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })}`
    : '';
  const lines = [question ?? metric, ...(data.warnings ?? [])].filter(Boolean).map((line) => make('p', {}, line));
  if (data.sql) lines.push(make('pre', {}, make('code', {}, data.sql)));
  return lines.length > 0
    ? make('details', { class: 'origin' }, make('summary', {}, time || 'About'), lines)
    : make('p', { class: 'hint' }, time);
}

function content(widget, data) {
  if (!data || data.error) return make('p', { class: 'problem' }, data?.error?.message ?? 'No data.');
  const { columns = [], rows = [] } = data;
  const spec = data.visualization?.spec ?? data.spec;
  if (widget.widget_type === 'text') return make('p', { class: 'text' }, widget.config?.text ?? '');
  if (rows.length === 0) return make('p', { class: 'hint' }, data.warnings?.[0] ?? 'No rows.');
  if (widget.widget_type === 'metric') {
    const value = Number.isFinite(Number(rows[0].at(-1))) && rows[0].at(-1) !== null ? Number(rows[0].at(-1)) : rows[0].at(-1);
    return make('p', { class: 'metric', title: formatValue(value) }, figure(value, spec?.encoding?.text?.format));
  }
  if (spec && widget.widget_type !== 'table') return chart({ ...data, spec: { ...spec, title: undefined } }, { columns, rows });
  return table({ ...data, columns, rows });
}

async function one(id, element, fresh = false) {
  const address = `/bi/dashboards/${encodeURIComponent(id)}`;
  const [dashboard, loaded] = await Promise.all([
    api(address),
    api(`${address}/data${fresh ? '?refresh=true' : ''}`).catch((error) => ({ problem: error })),
  ]);
  const results = new Map((loaded.widgets ?? loaded.items ?? []).map((entry) => [entry.widget_id ?? entry.id, entry]));
  const found =
    dashboard.widgets?.items ??
    dashboard.widgets ??
    (await api(`${address}/widgets`).then(
      (page) => page.items ?? page,
      () => [],
    ));
  const widgets = [...found].sort((a, b) => (a.position?.y ?? 0) - (b.position?.y ?? 0) || (a.position?.x ?? 0) - (b.position?.x ?? 0));
  const cards = widgets.map((widget) => {
    const body = make(
      'section',
      { class: 'card', 'aria-label': widget.name },
      make('h2', {}, widget.name),
      content(widget, results.get(widget.id)),
      origin(widget, results.get(widget.id)),
    );
    const { x = 0, y = 0, width = 6, height = 4 } = widget.position ?? {};
    // On a narrow page the style sheet puts one under the other, in this order.
    body.style.gridColumn = `${x + 1} / span ${width}`;
    body.style.gridRow = `${y + 1} / span ${height}`;
    return body;
  });
  const reload = (again) => one(id, element, again).catch((error) => element.replaceChildren(problem(error)));
  const conditions = (dashboard.filters ?? []).map(({ field, operator, values }) =>
    make('span', { class: 'tag' }, `${field} ${operator.replaceAll('_', ' ')} ${(values ?? []).join(', ')}`.trim()),
  );
  document.title = `${dashboard.name} · Parley`;
  element.replaceChildren(
    make('p', {}, make('a', { href: '#/dashboards' }, '← Dashboards')),
    make('h1', {}, dashboard.name),
    dashboard.description ? make('p', { class: 'hint' }, dashboard.description) : '',
    conditions.length > 0 ? make('p', { class: 'exports' }, make('span', { class: 'hint' }, 'Filtered by'), conditions) : '',
    tools(dashboard, { address, reload }),
    cards.length > 0 ? make('div', { class: 'grid' }, cards) : make('div', { class: 'empty' }, make('p', {}, 'No widgets yet.')),
  );
}

async function all(element, source) {
  const [{ items }, chooser] = await Promise.all([api('/bi/dashboards?limit=100'), templateChooser(source)]);
  const empty = make(
    'div',
    { class: 'empty' },
    make('h2', {}, 'No dashboards yet'),
    make('p', {}, 'Choose a source above and begin with a template.'),
  );
  element.replaceChildren(
    make('h1', {}, 'Dashboards'),
    chooser,
    items.length > 0 ? make('ul', { class: 'cards' }, items.map(card)) : empty,
  );
}

export function dashboardsView({ path: [id], source }) {
  const element = make('div', { class: 'page', 'aria-live': 'polite' }, make('div', { class: 'progress' }, 'Loading'));
  const loading = id ? one(decodeURIComponent(id), element) : all(element, source);
  loading.catch((error) => element.replaceChildren(make('h1', {}, 'Dashboards'), problem(error)));
  return { element };
}
