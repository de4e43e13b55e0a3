import { make } from './dom.js';
import { lookOf, viewOf } from './look.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const toValues = ({ columns, rows }) => rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));

/** A Vega-Lite chart, redrawn when the colours change. */
export function chart(visualization, data) {
  const { spec, alt_text: text } = visualization;
  const plot = make('div', { class: 'plot' });
  const figure = make('figure', { class: 'chart', role: 'img', 'aria-label': text ?? spec.description ?? 'Chart of the result' }, plot);
  const complete = { ...spec, data: spec.data?.values ? spec.data : { values: data ? toValues(data) : [] } };
  let view;
  const draw = async () => {
    const width = Math.max(260, plot.clientWidth || 760);
    const sized = {
      ...complete,
      width: complete.width === 'container' || complete.width === undefined ? width - 20 : complete.width,
      autosize: { type: 'fit-x', contains: 'padding' },
    };
    view?.finalize();
    const config = { ...lookOf(colour), background: 'transparent', font: 'inherit' };
    view = viewOf(window.vega, window.vegaLite.compile(sized, { config }).spec, { renderer: 'svg', container: plot, hover: true });
    await view.runAsync();
  };
  const attempt = () => {
    if (plot.isConnected)
      draw().catch(() => plot.replaceChildren(make('p', { class: 'hint' }, 'This chart could not be drawn; the rows are below.')));
  };
  requestAnimationFrame(attempt);
  document.addEventListener('colours', attempt);
  return figure;
}
