import { registerEnumType } from 'type-graphql';

const enumOf = <Value extends string>(values: readonly Value[]): Readonly<Record<string, Value>> =>
  Object.fromEntries(values.map((value) => [value.toUpperCase(), value]));

export const DashboardVisibility = enumOf(['private', 'team', 'tenant', 'public'] as const);
export const WidgetType = enumOf([
  'bar_chart', 'line_chart', 'area_chart', 'pie_chart', 'scatter_plot', 'heatmap', 'histogram', 'map', 'table', 'metric', 'text',
] as const); // prettier-ignore
export const DashboardSort = enumOf(['updated_at', 'created_at', 'name'] as const);
export const SharePermission = enumOf(['view', 'edit'] as const);
export const ReportFormat = enumOf(['pdf', 'csv', 'excel', 'png'] as const);
export const TemplateName = enumOf(['executive_overview', 'sales_analysis', 'returns_and_service', 'flight_operations'] as const);

registerEnumType(TemplateName, { name: 'DashboardTemplateName', description: 'A template for a dashboard.' });
registerEnumType(DashboardVisibility, {
  name: 'DashboardVisibility',
  description: 'Who sees a dashboard besides its owner and whom it is shared with.',
});
registerEnumType(WidgetType, { name: 'WidgetType', description: 'How a widget shows its rows.' });
registerEnumType(DashboardSort, { name: 'DashboardSort', description: 'Order of a list of dashboards; times newest first.' });
registerEnumType(SharePermission, { name: 'SharePermission', description: 'What a share allows.' });
registerEnumType(ReportFormat, { name: 'ReportFormat', description: 'What a scheduled report is sent as.' });
