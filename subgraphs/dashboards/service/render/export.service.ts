import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import type { DashboardService } from '../dashboard/dashboard.service';
import type { WidgetDataService } from '../data/widget-data.service';
import { policy } from '../policy';

import type { ChartRenderer } from './chart-renderer';
import { exportDashboard, exportFormats, type ExportedFile, type ExportFormat } from './export';

/** Dashboards and charts as files. */
export class ExportService {
  constructor(
    private readonly parts: { readonly dashboards: DashboardService; readonly data: WidgetDataService; readonly renderer: ChartRenderer },
  ) {}

  async export(
    caller: Caller,
    { dashboardId, format, refresh = false }: { dashboardId: string; format: string; refresh?: boolean },
  ): Promise<ExportedFile> {
    policy.require(caller, 'dashboard:read');
    if (!(exportFormats as readonly string[]).includes(format)) {
      throw errors.INVALID_REQUEST({ what: 'format', hint: `it must be one of ${exportFormats.join(', ')}` }, { field: 'format' });
    }
    const dashboard = await this.parts.dashboards.find(caller, dashboardId);
    const data = await this.parts.data.loadFor(caller, dashboard, { refresh });
    return exportDashboard({ dashboard, format: format as ExportFormat, data }, this.parts.renderer);
  }

  async chart(
    caller: Caller,
    { dashboardId, widgetId, format }: { dashboardId: string; widgetId: string; format: 'svg' | 'png' },
  ): Promise<ExportedFile> {
    policy.require(caller, 'dashboard:read');
    const { chart, error, name } = await this.parts.data.one(caller, { dashboardId, widgetId });
    if (error) throw errors.QUERY_FAILED({ reason: error.message });
    if (!chart?.spec) throw errors.QUERY_FAILED({ reason: 'this widget is a table or a text, which has no picture' });
    const content = await this.parts.renderer.render({ spec: chart.spec, format });
    return {
      contentType: format === 'svg' ? 'image/svg+xml' : 'image/png',
      filename: `${name.replace(/[^\w.-]+/g, '-')}.${format}`,
      content,
    };
  }
}
