import { api } from './api.js';
import { chart } from './chart.js';
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

function content(widget, data) {
  if (!data || data.error) return make('p', { class: 'problem' }, data?.error?.message ?? 'No data.');
  const { columns = [], rows = [] } = data;
  const spec = data.visualization?.spec ?? data.spec;
  if (widget.widget_type === 'text') return make('p', {}, widget.config?.text ?? '');
  if (widget.widget_type === 'metric' && rows.length > 0) return make('p', { class: 'metric' }, formatValue(rows[0].at(-1)));
  if (spec && widget.widget_type !== 'table') return chart({ ...data, spec: { ...spec, title: undefined } }, { columns, rows });
  return table({ ...data, columns, rows });
}

async function one(id, element) {
  const address = `/bi/dashboards/${encodeURIComponent(id)}`;
  const [dashboard, loaded] = await Promise.all([api(address), api(`${address}/data`).catch((error) => ({ problem: error }))]);
  const results = new Map((loaded.widgets ?? loaded.items ?? []).map((entry) => [entry.widget_id ?? entry.id, entry]));
  const widgets =
    dashboard.widgets?.items ??
    dashboard.widgets ??
    (await api(`${address}/widgets`).then(
      (page) => page.items ?? page,
      () => [],
    ));
  const cards = widgets.map((widget) => {
    const body = make(
      'section',
      { class: 'card', 'aria-label': widget.name },
      make('h2', {}, widget.name),
      content(widget, results.get(widget.id)),
    );
    if (widget.position?.width) body.style.gridColumn = `span ${Math.min(12, Math.max(3, widget.position.width))}`;
    return body;
  });
  element.replaceChildren(
    make('p', {}, make('a', { href: '#/dashboards' }, '← Dashboards')),
    make('h1', {}, dashboard.name),
    dashboard.description ? make('p', { class: 'hint' }, dashboard.description) : '',
    cards.length > 0 ? make('div', { class: 'grid' }, cards) : make('div', { class: 'empty' }, make('p', {}, 'No widgets yet.')),
  );
}

async function all(element) {
  const { items } = await api('/bi/dashboards?limit=100');
  const empty = make(
    'div',
    { class: 'empty' },
    make('h2', {}, 'No dashboards yet'),
    make('p', {}, 'Make one with POST /api/v1/bi/dashboards, or from a template.'),
  );
  element.replaceChildren(make('h1', {}, 'Dashboards'), items.length > 0 ? make('ul', { class: 'cards' }, items.map(card)) : empty);
}

export function dashboardsView({ path: [id] }) {
  const element = make('div', { class: 'page', 'aria-live': 'polite' }, make('div', { class: 'progress' }, 'Loading'));
  const loading = id ? one(decodeURIComponent(id), element) : all(element);
  loading.catch((error) => element.replaceChildren(make('h1', {}, 'Dashboards'), problem(error)));
  return { element };
}
