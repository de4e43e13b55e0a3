import { api, save } from './api.js';
import { make } from './dom.js';

const formats = ['pdf', 'png', 'xlsx', 'csv', 'json'];
const button = (label, onclick, properties = {}) => make('button', { type: 'button', onclick, ...properties }, label);

/** A link that shows the dashboard to whoever has it; its secret is seen this once. */
function linkBox({ id, token, expires_at: until }, address, say) {
  const box = make('input', { type: 'text', readonly: true, 'aria-label': 'Address of the link', class: 'mono' });
  box.value = new URL(`/embed/${token}`, location.href).href;
  const copy = async () => {
    box.select();
    // Pages served over plain HTTP have no clipboard; there it is selected for the person to copy.
    await navigator.clipboard?.writeText(box.value);
    say(navigator.clipboard ? 'Copied.' : 'Selected: copy it.');
  };
  const element = make(
    'div',
    { class: 'row link' },
    box,
    button('Copy', () => copy().catch((error) => say(error.message))),
    button('Revoke', () =>
      api(`${address}/links/${encodeURIComponent(id)}`, { method: 'DELETE' }).then(
        () => (element.remove(), say('The link shows nothing any more.')),
        (error) => say(error.message),
      ),
    ),
    make('span', { class: 'hint' }, `Read-only, until ${new Date(until).toLocaleDateString()}. Whoever has it sees what you see.`),
  );
  return element;
}

/** What one can do with a dashboard. `reload(fresh)` draws it again, fresh: with every query run anew. */
export function tools(dashboard, { address, reload }) {
  const said = make('span', { class: 'hint', role: 'status' });
  const say = (text) => said.replaceChildren(text);
  const below = make('div');
  const attempt = (work) => () => {
    say('');
    return Promise.resolve(work()).catch((error) =>
      say(error.status === 412 ? 'Somebody else has changed this dashboard meanwhile. Load it again to see how.' : error.message),
    );
  };

  const rename = () => {
    const box = make('input', { type: 'text', 'aria-label': 'Name', maxlength: '200', required: true });
    box.value = dashboard.name;
    const submit = attempt(async () => {
      await api(address, { method: 'PATCH', body: { name: box.value, expected_version: dashboard.version } });
      reload();
    });
    const onsubmit = (event) => {
      event.preventDefault();
      void submit();
    };
    const cancel = button('Cancel', () => below.replaceChildren());
    below.replaceChildren(make('form', { class: 'row', onsubmit }, box, make('button', { class: 'primary' }, 'Save'), cancel));
    box.select();
  };
  const share = async () => below.replaceChildren(linkBox(await api(`${address}/links`, { method: 'POST', body: {} }), address, say));
  const remove = async () => {
    if (!confirm(`Delete “${dashboard.name}”? It can be restored for thirty days.`)) return;
    await api(address, { method: 'DELETE' });
    location.hash = '#/dashboards';
  };
  const exports = formats.map((format) =>
    button(
      format.toUpperCase(),
      attempt(() => save(`${address}/export?format=${format}`, `${dashboard.name}.${format}`)),
      { class: 'quiet', 'aria-label': `Export as ${format.toUpperCase()}` },
    ),
  );
  const actions = [
    button('Refresh', () => reload(true)),
    button('Rename', rename),
    button('Share a link', attempt(share)),
    button('Delete', attempt(remove)),
  ];
  return make(
    'div',
    { class: 'tools-of' },
    make('div', { class: 'exports' }, actions, make('span', { class: 'hint' }, 'Export'), exports, said),
    below,
  );
}

/** Dashboards to begin with; those that name no source are made of the one that is chosen. */
export async function templateChooser(source) {
  const templates = await api('/bi/dashboards/templates').catch(() => []);
  const said = make('p', { class: 'hint', role: 'status' });
  const begin = async ({ name, source_id: own }) => {
    said.replaceChildren('Looking at the data …');
    try {
      const body = own || !source() ? {} : { source_id: source() };
      const { id } = await api(`/bi/dashboards/templates/${name}`, { method: 'POST', body });
      location.hash = `#/dashboards/${encodeURIComponent(id)}`;
    } catch (error) {
      said.replaceChildren(error.message);
    }
  };
  const chips = templates.map((template) =>
    make('button', { type: 'button', title: template.description, onclick: () => void begin(template) }, template.title),
  );
  return make(
    'section',
    { 'aria-label': 'New from a template' },
    make('p', { class: 'hint' }, 'New from a template'),
    make('div', { class: 'chips' }, chips),
    said,
  );
}
