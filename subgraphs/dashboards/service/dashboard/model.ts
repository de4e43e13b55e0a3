import { z } from 'zod';

export const visibilities = ['private', 'team', 'tenant', 'public'] as const;
export type Visibility = (typeof visibilities)[number];

export const widgetTypes = [
  'bar_chart', 'line_chart', 'area_chart', 'pie_chart', 'scatter_plot', 'heatmap', 'histogram', 'map', 'table', 'metric', 'text',
] as const; // prettier-ignore
export type WidgetType = (typeof widgetTypes)[number];

/** The grid is 12 columns wide and as long as it needs to be. */
export const gridColumns = 12;
export const maxWidgets = 200;

export const position = z
  .object({
    x: z
      .number()
      .int()
      .min(0, 'it must be 0 to 11')
      .max(gridColumns - 1, 'it must be 0 to 11'),
    y: z.number().int().min(0, 'it must be 0 or more').max(10_000),
    width: z.number().int().min(1, 'it must be 1 to 12').max(gridColumns, 'it must be 1 to 12'),
    height: z.number().int().min(1, 'it must be 1 or more').max(100),
  })
  .refine(({ x, width }) => x + width <= gridColumns, { message: 'x + width must not exceed 12', path: ['width'] });
export type Position = z.infer<typeof position>;

const scalar = z.union([z.string().max(1_000), z.number(), z.boolean()]);

export const dataSource = z
  .object({
    sql: z.string().min(1).max(100_000).nullish(),
    question: z.string().trim().min(1).max(2_000).nullish(),
    metric: z.string().trim().min(1).max(200).nullish(),
    sourceId: z.string().nullish(),
    parameters: z
      .record(z.string().regex(/^[A-Za-z_]\w{0,62}$/, 'a name has letters, digits and _'), scalar.nullable())
      .refine((value) => Object.keys(value).length <= 50, 'at most 50')
      .nullish(),
    cacheTtlSeconds: z.number().int().min(0).max(86_400).nullish(),
  })
  .refine(({ sql, question, metric }) => [sql, question, metric].filter((part) => part != null).length === 1, {
    message: 'give exactly one of sql, question and metric',
  })
  .refine(({ sql, parameters }) => sql != null || parameters == null, {
    message: 'only a statement has parameters',
    path: ['parameters'],
  });
export type DataSource = z.infer<typeof dataSource>;

/** What the sql domain compiles; a test holds the two lists together. */
export const filterOperators = [
  'equals', 'not_equals', 'in', 'not_in', 'between', 'greater_than', 'greater_or_equal', 'less_than', 'less_or_equal',
  'contains', 'not_contains', 'starts_with', 'ends_with', 'is_null', 'is_not_null', 'before', 'after', 'on', 'last', 'this', 'previous',
] as const; // prettier-ignore

/** How many values an operator takes, where it is not one. */
const valueCounts: Readonly<Partial<Record<(typeof filterOperators)[number], readonly [number, number]>>> = {
  in: [1, 1_000],
  not_in: [1, 1_000],
  between: [2, 2],
  last: [2, 2],
  is_null: [0, 0],
  is_not_null: [0, 0],
};

export const filter = z
  .object({
    field: z.string().trim().min(1, 'it must not be empty').max(200),
    operator: z.enum(filterOperators, `it must be one of ${filterOperators.join(', ')}`),
    values: z
      .array(scalar)
      .max(1_000)
      .nullish()
      .transform((values) => values ?? []),
  })
  .superRefine(({ operator, values }, context) => {
    const [least, most] = valueCounts[operator] ?? [1, 1];
    if (values.length >= least && values.length <= most) return;
    const wanted = least === most ? `${least} value${least === 1 ? '' : 's'}` : `${least} to ${most} values`;
    context.addIssue({ code: 'custom', message: `${operator} takes ${wanted}`, path: ['values'] });
  });
export const filters = z.array(filter).max(50, 'a dashboard takes at most 50');
export const tags = z.array(z.string().trim().min(1).max(60)).max(30, 'at most 30');
export const config = z
  .record(z.string().max(60), z.unknown())
  .refine((value) => JSON.stringify(value).length <= 20_000, 'it must be at most 20,000 characters of JSON');
export type DashboardFilter = z.infer<typeof filter>;

export interface Widget {
  readonly id: string;
  readonly name: string;
  readonly widgetType: WidgetType;
  readonly position: Position;
  /** Null for text. */
  readonly dataSource: DataSource | null;
  /** x_axis, y_axis, color_scheme, show_legend, text, … */
  readonly config: Readonly<Record<string, unknown>>;
}

/** What a version holds: everything that a person edits. */
export interface DashboardDocument {
  readonly name: string;
  readonly description: string | null;
  readonly visibility: Visibility;
  readonly tags: readonly string[];
  readonly filters: readonly DashboardFilter[];
  readonly widgets: readonly Widget[];
}

export interface Dashboard extends DashboardDocument {
  readonly id: string;
  readonly tenantId: string;
  readonly ownerId: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly deletedAt: Date | null;
}
