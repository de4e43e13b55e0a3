/**
 * Vega-Lite configuration in the page's colours: in the light theme that of the pictures that the server draws, which a test holds
 * together.
 */
export const lookOf = (colour) => ({
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

const nowhere = () => Promise.reject(new Error('no network'));

/** The view of a compiled chart. The expression interpreter stands in for generated code, which the page's policy forbids; nothing is fetched. */
export const viewOf = (vega, compiled, options) =>
  new vega.View(vega.parse(compiled, null, { ast: true }), {
    expr: vega.expressionInterpreter,
    loader: { load: nowhere, sanitize: nowhere, http: nowhere, file: nowhere },
    logLevel: vega.Error,
    ...options,
  });
