import { errors, nearestName } from '#platform/errors';

import type { WidgetType } from '../dashboard/model';

import { chart, metric, type TemplateWidget } from './template-widget';

export interface Template {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The source it is made for; null: any source, by its semantic model. */
  readonly sourceId: string | null;
}

const number = (name: string, question: string): TemplateWidget => metric(name, { question });
const drawn = (name: string, widgetType: WidgetType, question: string, width = 6): TemplateWidget =>
  chart(name, widgetType, { question }, width);

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
    number('Revenue this year', 'total revenue this year'),
    number('Orders this year', 'how many orders this year'),
    number('Customers', 'how many customers'),
    { ...number('Return rate', 'share of returned orders'), config: percent },
    drawn('Revenue by month', 'line_chart', 'total revenue by month in the last 12 months', 8),
    drawn('Revenue by region', 'pie_chart', 'total revenue by region', 4),
    drawn('Top products', 'bar_chart', 'top 10 products by revenue this year'),
    drawn('Revenue by category', 'bar_chart', 'total revenue by category'),
  ],
  'sales_analysis/shop': [
    number('Revenue last quarter', 'total revenue last quarter'),
    number('Orders last quarter', 'how many orders last quarter'),
    drawn('Revenue by quarter', 'area_chart', 'total revenue by quarter', 12),
    drawn('Top customers', 'table', 'top 10 customers by revenue'),
    drawn('Revenue by country', 'bar_chart', 'total revenue by country'),
  ],
  'returns_and_service/shop': [
    { ...drawn('Returned orders by category', 'bar_chart', 'share of returned orders by category'), config: percent },
    drawn('Support tickets by month', 'line_chart', 'number of support tickets by month'),
  ],
  'flight_operations/flights': [
    number('Flights', 'How many flights were there?'),
    number('Average delay', 'average delay'),
    drawn('Flights by month', 'line_chart', 'flights per month', 12),
    drawn('Worst origins', 'bar_chart', 'average delay by origin airport, worst ten'),
    drawn('Busiest origins', 'bar_chart', 'top 10 origin airports by number of flights'),
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

/** Those written for this source; without them they are drawn from the source's own metrics and dimensions. */
export const writtenWidgets = (template: Template, sourceId: string): readonly TemplateWidget[] | undefined =>
  fixed[`${template.name}/${sourceId}`];
