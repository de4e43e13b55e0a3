import type { WidgetType } from '../dashboard/model';

export interface TemplateWidget {
  readonly name: string;
  readonly widgetType: WidgetType;
  readonly source: { readonly question: string } | { readonly metric: string };
  readonly width: number;
  readonly height: number;
  readonly config?: Readonly<Record<string, unknown>>;
}

export const metric = (name: string, source: TemplateWidget['source']): TemplateWidget => ({
  name,
  widgetType: 'metric',
  source,
  width: 3,
  height: 2,
});

export const chart = (name: string, widgetType: WidgetType, source: TemplateWidget['source'], width = 6): TemplateWidget => ({
  name,
  widgetType,
  source,
  width,
  height: 4,
});
