export interface MeasureShape {
  readonly name: string;
  /** @default sum */
  readonly aggregate?: string;
}

/** What the question of a metric needs to know of a semantic model. */
export interface NamedThings {
  readonly entities?: readonly {
    readonly name: string;
    readonly table: string;
    readonly synonyms?: readonly string[];
    readonly measures?: readonly MeasureShape[];
  }[];
  readonly metrics?: readonly { readonly name: string }[];
}

const spaced = (name: string): string => name.trim().toLowerCase().replaceAll('_', ' ');

const aggregates: Readonly<Record<string, string>> = { avg: 'average', count: 'number of', min: 'lowest', max: 'highest' };

/** A measure alone would be read as the column that it is: how it adds up has to be said. */
export const measureQuestion = ({ name, aggregate = 'sum' }: MeasureShape): string =>
  `${aggregates[aggregate] ?? 'total'} ${name.replaceAll('_', ' ')}`;

/**
 * The question that asks for a metric, a measure, or what else is written in their place. A metric that is called like its table
 * ("orders") would be read as a wish to see the rows, so it is asked for as a number.
 */
export function metricQuestion(metric: string, { entities = [], metrics = [] }: NamedThings): string {
  const asked = spaced(metric);
  const things = entities.flatMap(({ name, table, synonyms = [] }) => [name, `${name}s`, table, ...synonyms]).map(spaced);
  if (things.includes(asked)) return `number of ${asked}`;
  const measure = entities.flatMap(({ measures = [] }) => measures).find(({ name }) => spaced(name) === asked);
  const isMetric = metrics.some(({ name }) => spaced(name) === asked);
  return measure && !isMetric ? measureQuestion(measure) : metric.replaceAll('_', ' ');
}
