import { make } from './dom.js';

const shownRows = 200;
const isNumeric = (column, rows, index) =>
  /int|dec|num|float|double|real/i.test(`${column.kind ?? ''} ${column.type ?? ''}`) ||
  (rows.length > 0 && rows.every((row) => row[index] === null || typeof row[index] === 'number'));

export function formatValue(value) {
  if (typeof value === 'number') return value.toLocaleString(undefined, { maximumFractionDigits: 4 });
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

/** Rows as a table that scrolls in its own box, with the keyboard too. */
export function table({ columns, rows, row_count: count = rows.length, truncated = false }) {
  const numeric = columns.map((column, index) => isNumeric(column, rows, index));
  const cell = (value, index) => {
    if (value === null || value === undefined) return make('td', { class: numeric[index] ? 'null number' : 'null' }, 'null');
    // A year or an id is a number that nobody groups by thousands.
    const plain = Number.isInteger(value) && /(^|_)(id|year)$/i.test(columns[index].name);
    return make('td', { class: numeric[index] ? 'number' : undefined, title: String(value) }, plain ? String(value) : formatValue(value));
  };
  const head = make(
    'tr',
    {},
    columns.map(({ name }, index) => make('th', { scope: 'col', class: numeric[index] ? 'number' : undefined }, name)),
  );
  const body = rows.slice(0, shownRows).map((row) => make('tr', {}, row.map(cell)));
  const note =
    rows.length > shownRows || truncated
      ? `${Math.min(shownRows, rows.length)} of ${truncated ? 'more than ' : ''}${count} rows are shown.`
      : `${count} ${count === 1 ? 'row' : 'rows'}.`;
  return make(
    'div',
    {},
    make(
      'div',
      { class: 'rows', tabindex: '0', role: 'region', 'aria-label': 'Result rows' },
      make('table', {}, make('thead', {}, head), make('tbody', {}, body)),
    ),
    make('p', { class: 'hint' }, note),
  );
}
