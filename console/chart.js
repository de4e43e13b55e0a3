import { make } from './dom.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const look = () => ({
  background: 'transparent',
  font: 'inherit',
  view: { stroke: 'transparent' },
  axis: {
    labelColor: colour('--muted'),
    titleColor: colour('--muted'),
    gridColor: colour('--line'),
    domainColor: colour('--line'),
    tickColor: colour('--line'),
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 500,
  },
  legend: { labelColor: colour('--muted'), titleColor: colour('--muted') },
  title: { color: colour('--text') },
  text: { color: colour('--text') },
  mark: { color: colour('--accent') },
  range: { category: ['#4f6bff', '#19a3a3', '#e8833a', '#b45bd6', '#d6455d', '#6a9a2d', '#8a6d3b', '#5b7fa6'] },
});

const toValues = ({ columns, rows }) => rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));

/**
 * A Vega-Lite chart. The expression interpreter stands in for generated code, which the page's policy forbids; nothing is loaded from
 * anywhere. Redrawn when the colours change.
 */
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
    const { spec: compiled } = window.vegaLite.compile(sized, { config: look() });
    view = new window.vega.View(window.vega.parse(compiled, null, { ast: true }), {
      expr: window.vega.expressionInterpreter,
      renderer: 'svg',
      container: plot,
      hover: true,
      logLevel: window.vega.Error,
    });
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
