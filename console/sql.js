import { api } from './api.js';
import { make } from './dom.js';
import { table } from './table.js';

const kept = 'parley.sql';

export function sqlView({ source }) {
  const editor = make('textarea', { spellcheck: 'false', 'aria-label': 'SQL statement', autocapitalize: 'off', placeholder: 'SELECT …' });
  const output = make('div', { 'aria-live': 'polite' });
  const run = make('button', { type: 'button', class: 'primary', onclick: () => void execute() }, 'Run');
  const tables = make('div');
  editor.value = sessionStorage.getItem(kept) ?? '';
  editor.addEventListener('input', () => sessionStorage.setItem(kept, editor.value));
  editor.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void execute();
  });

  const body = (more = {}) => ({ sql: editor.value, ...(source() ? { source_id: source() } : {}), ...more });
  const failed = (error) => output.replaceChildren(make('p', { class: 'problem', role: 'alert' }, error.message));

  async function execute() {
    if (editor.value.trim() === '' || run.disabled) return;
    run.disabled = true;
    output.replaceChildren(make('div', { class: 'progress' }, 'Running'));
    try {
      const result = await api('/sql/execute', { method: 'POST', body: body() });
      const warnings = (result.warnings ?? []).map((warning) => make('p', { class: 'warning' }, warning));
      const meta = make(
        'p',
        { class: 'meta' },
        make('span', {}, `${Math.round(result.execution_time_ms)} ms`),
        result.cache_hit ? make('span', {}, 'from cache') : null,
      );
      output.replaceChildren(...warnings, table(result), meta);
    } catch (error) {
      failed(error);
    } finally {
      run.disabled = false;
    }
  }

  async function check() {
    try {
      const { valid, errors, warnings, estimated_complexity: complexity } = await api('/sql/validate', { method: 'POST', body: body() });
      const lines = [
        ...errors.map(({ message, line, suggestion }) =>
          make('p', { class: 'problem' }, `${line ? `Line ${line}: ` : ''}${message}${suggestion ? ` ${suggestion}` : ''}`),
        ),
        ...warnings.map(({ message }) => make('p', { class: 'warning' }, message)),
      ];
      output.replaceChildren(make('p', {}, valid ? `Valid; ${complexity} complexity.` : 'Not valid.'), ...lines);
    } catch (error) {
      failed(error);
    }
  }

  const insert = (text) => {
    editor.setRangeText(text, editor.selectionStart, editor.selectionEnd, 'end');
    editor.focus();
  };

  async function showSchema() {
    tables.replaceChildren();
    if (!source()) return;
    const schema = await api(`/sql/sources/${encodeURIComponent(source())}/schema`).catch(() => ({ tables: [] }));
    tables.replaceChildren(
      ...schema.tables.map(({ name, columns, row_count: rows }) =>
        make(
          'details',
          {},
          make('summary', { title: rows === null ? undefined : `${rows.toLocaleString()} rows` }, name),
          make(
            'ul',
            {},
            columns.map((column) =>
              make(
                'li',
                {},
                make('button', { type: 'button', title: column.comment ?? undefined, onclick: () => insert(column.name) }, column.name),
                make('span', {}, column.type ?? column.declared_type ?? ''),
              ),
            ),
          ),
        ),
      ),
    );
    if (editor.value === '' && schema.tables[0]) editor.value = `SELECT *\nFROM ${schema.tables[0].name}\nLIMIT 20`;
  }

  void showSchema();
  const actions = make(
    'div',
    { class: 'row' },
    run,
    make('button', { type: 'button', onclick: () => void check() }, 'Check'),
    make('span', { class: 'hint' }, 'Ctrl + Enter runs. One read-only statement.'),
  );
  return {
    element: make(
      'div',
      { class: 'sql-view' },
      make('aside', { class: 'schema', 'aria-label': 'Tables' }, make('h2', {}, 'Tables'), tables),
      make('section', { class: 'editor' }, make('h1', {}, 'SQL'), editor, actions, output),
    ),
    onSource: () => void showSchema(),
    focus: () => editor.focus(),
  };
}
