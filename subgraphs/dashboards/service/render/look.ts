/** Colours of the console’s light theme, so that a picture made here is the one that is seen there (`console/look.js`; a test compares). */
export const colours = {
  page: '#f6f7fb',
  card: '#ffffff',
  line: '#dde1ec',
  text: '#1a2033',
  muted: '#5a6378',
  accent: '#3d5afe',
  bad: '#b3261e',
} as const;

/** Vega-Lite configuration below a widget's own. */
export const look = {
  view: { stroke: 'transparent' },
  axis: {
    labelColor: colours.muted,
    titleColor: colours.muted,
    gridColor: colours.line,
    domainColor: colours.line,
    tickColor: colours.line,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 500,
  },
  legend: { labelColor: colours.muted, titleColor: colours.muted },
  title: { color: colours.text },
  text: { color: colours.text },
  mark: { color: colours.accent },
  range: { category: ['#4f6bff', '#19a3a3', '#e8833a', '#b45bd6', '#d6455d', '#6a9a2d', '#8a6d3b', '#5b7fa6'] },
} as const;
