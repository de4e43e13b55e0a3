import { errors, nearestName } from '#platform/errors';

import type { WidgetType } from '../dashboard/model';
import type { SourceOutline } from '../ports';

export interface TemplateWidget {
  readonly name: string;
  readonly widgetType: WidgetType;
  readonly question: string;
  readonly width: number;
  readonly height: number;
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The source it is made for; null: any source, by its semantic model. */
  readonly sourceId: string | null;
}

const metric = (name: string, question: string): TemplateWidget => ({ name, widgetType: 'metric', question, width: 3, height: 2 });
const chart = (name: string, widgetType: WidgetType, question: string, width = 6): TemplateWidget => ({
  name,
  widgetType,
  question,
  width,
  height: 4,
});

const percent = { number_format: '.1%' };

export const templates: readonly Template[] = [
  {
    name: 'executive_overview',
    title: 'Executive overview',
    description: 'The main numbers, how they move and what makes them up; over the demo shop, or any source by its semantic model.',
    sourceId: null,
  },
  {
    name: 'sales_analysis',
    title: 'Sales analysis',
    description: 'Revenue by time, product, region and customer of the demo shop.',
    sourceId: 'shop',
  },
  {
    name: 'returns_and_service',
    title: 'Returns and service',
    description: 'Returned orders and support tickets of the demo shop.',
    sourceId: 'shop',
  },
  {
    name: 'flight_operations',
    title: 'Flight operations',
    description: 'Flights and delays by month, airport and route.',
    sourceId: 'flights',
  },
];

const fixed: Readonly<Record<string, readonly TemplateWidget[]>> = {
  'executive_overview/shop': [
    metric('Revenue this year', 'total revenue this year'),
    metric('Orders this year', 'how many orders this year'),
    metric('Customers', 'how many customers'),
    { ...metric('Return rate', 'share of returned orders'), config: percent },
    chart('Revenue by month', 'line_chart', 'total revenue by month in the last 12 months', 8),
    chart('Revenue by region', 'pie_chart', 'total revenue by region', 4),
    chart('Top products', 'bar_chart', 'top 10 products by revenue this year'),
    chart('Revenue by category', 'bar_chart', 'total revenue by category'),
  ],
  'sales_analysis/shop': [
    metric('Revenue last quarter', 'total revenue last quarter'),
    metric('Orders last quarter', 'how many orders last quarter'),
    chart('Revenue by quarter', 'area_chart', 'total revenue by quarter', 12),
    chart('Top customers', 'table', 'top 10 customers by revenue'),
    chart('Revenue by country', 'bar_chart', 'total revenue by country'),
  ],
  'returns_and_service/shop': [
    { ...chart('Returned orders by category', 'bar_chart', 'share of returned orders by category'), config: percent },
    chart('Support tickets by month', 'line_chart', 'number of support tickets by month'),
  ],
  'flight_operations/flights': [
    metric('Flights', 'How many flights were there?'),
    metric('Average delay', 'average delay'),
    chart('Flights by month', 'line_chart', 'flights per month', 12),
    chart('Worst origins', 'bar_chart', 'average delay by origin airport, worst ten'),
    chart('Busiest origins', 'bar_chart', 'top 10 origin airports by number of flights'),
  ],
};

export function templateNamed(name: string): Template {
  const found = templates.find((template) => template.name === name);
  if (found) return found;
  const nearest = nearestName(
    name,
    templates.map((template) => template.name),
  );
  throw errors.NOT_FOUND({
    kind: nearest ? `template; did you mean ${nearest}?` : `template; known are ${templates.map((template) => template.name).join(', ')}`,
  });
}

/** The widgets of a template over a source: written ones where there are, else ones drawn from the source's own metrics and dimensions. */
export function widgetsFor(template: Template, outline: SourceOutline): readonly TemplateWidget[] {
  return fixed[`${template.name}/${outline.id}`] ?? fromOutline(outline);
}

function fromOutline({ metrics, dimensions, hasTime }: SourceOutline): TemplateWidget[] {
  const main = metrics.slice(0, 4);
  if (main.length === 0)
    throw errors.INVALID_REQUEST(
      { what: 'source_id', hint: 'its semantic model has no metric or measure to show' },
      { field: 'source_id' },
    );
  const by = dimensions.slice(0, 4);
  return [
    ...main.map((name) => metric(name, name)),
    ...(hasTime ? [chart(`${main[0]} by month`, 'line_chart' as const, `${main[0]} by month`, 12)] : []),
    ...by.map((dimension) => chart(`${main[0]} by ${dimension}`, 'bar_chart' as const, `top 10 ${dimension} by ${main[0]}`)),
  ];
}
