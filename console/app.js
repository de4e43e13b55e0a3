import { api, token } from './api.js';
import { askView } from './ask.js';
import { dashboardsView } from './dashboards.js';
import { byId, make } from './dom.js';
import { sqlView } from './sql.js';

const views = { ask: askView, dashboards: dashboardsView, sql: sqlView };
const titles = { ask: 'Ask', dashboards: 'Dashboards', sql: 'SQL' };
const [main, sources, dialog] = [byId('main'), byId('source'), byId('sign-in')];
let current;

function show() {
  const [name, ...path] = location.hash.replace(/^#\/?/, '').split('/');
  const known = Object.hasOwn(views, name) ? name : 'ask';
  current?.close?.();
  current = views[known]({ path, source: () => sources.value || undefined });
  main.replaceChildren(current.element);
  document.title = `${titles[known]} · Parley`;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.dataset.view === known) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  current.focus?.();
}

async function start() {
  const { items } = await api('/sql/sources?limit=100');
  sources.replaceChildren(...items.map(({ id, name }) => make('option', { value: id }, name)));
  const last = sessionStorage.getItem('parley.source');
  if (items.some(({ id }) => id === last)) sources.value = last;
  byId('sign-out').hidden = false;
  show();
}

function askForToken(problem = '') {
  current?.close?.();
  current = undefined;
  main.replaceChildren();
  byId('sign-out').hidden = true;
  byId('sign-in-problem').textContent = problem;
  if (!dialog.open) dialog.showModal();
}

async function signIn(value) {
  token.set(value.trim().replace(/^export PARLEY_TOKEN=|^Bearer /, ''));
  try {
    await start();
    dialog.close();
  } catch (error) {
    token.clear();
    askForToken(error.message);
  }
}

dialog.querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void signIn(byId('token').value);
});
dialog.addEventListener('cancel', (event) => event.preventDefault());
document.addEventListener('signed-out', () => {
  if (!token.get() || dialog.open) return;
  token.clear();
  askForToken('The token is not valid any more.');
});
byId('sign-out').addEventListener('click', () => {
  token.clear();
  byId('token').value = '';
  askForToken();
});
byId('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
  localStorage.setItem('parley.theme', root.dataset.theme);
  document.dispatchEvent(new CustomEvent('colours'));
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => document.dispatchEvent(new CustomEvent('colours')));
sources.addEventListener('change', () => {
  sessionStorage.setItem('parley.source', sources.value);
  current?.onSource?.();
});
addEventListener('hashchange', () => token.get() && show());

// A link may carry the token behind the hash, which browsers never send to a server; it is taken out of the address at once.
const given = /^#token=([\w.-]+)$/.exec(location.hash)?.[1];
if (given) history.replaceState(null, '', location.pathname);
if (given) void signIn(given);
else if (token.get()) start().catch((error) => askForToken(error.message));
else askForToken();
