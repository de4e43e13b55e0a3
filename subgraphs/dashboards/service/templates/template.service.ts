import type { Caller } from '#platform/auth';
import { newId } from '#platform/db';

import type { DashboardService } from '../dashboard/dashboard.service';
import { freePlace } from '../dashboard/layout';
import type { Dashboard, Widget } from '../dashboard/model';
import { policy } from '../policy';
import type { QueryRunner, WidgetQuery } from '../ports';

import { generatedWidgets } from './generated';
import { templateNamed, templates, writtenWidgets, type Template } from './templates';

/** Dashboards made in one step. */
export class TemplateService {
  constructor(private readonly parts: { readonly dashboards: DashboardService; readonly runner: QueryRunner }) {}

  list(caller: Caller): readonly Template[] {
    policy.require(caller, 'dashboard:read');
    return templates;
  }

  async create(
    caller: Caller,
    { template: named, sourceId, name }: { template: string; sourceId?: string | null; name?: string | null },
  ): Promise<Dashboard> {
    policy.require(caller, 'dashboard:write');
    const template = templateNamed(named);
    const outline = await this.parts.runner.describe(caller, sourceId ?? template.sourceId ?? 'shop');
    const trial = (queries: readonly WidgetQuery[]) => this.parts.runner.runAll(caller, queries);
    const wanted = writtenWidgets(template, outline.id) ?? (await generatedWidgets(outline, trial));
    const widgets: Widget[] = [];
    for (const { name: title, widgetType, source, width, height, config = {} } of wanted) {
      const place = freePlace(widgets, { width, height });
      const dataSource = { ...source, sourceId: outline.id };
      widgets.push({ id: newId('wdg'), name: title, widgetType, position: place, dataSource, config });
    }
    const document = {
      name: name?.trim() || template.title,
      description: template.description,
      visibility: 'private' as const,
      tags: ['template'],
      filters: [],
      widgets,
    };
    return this.parts.dashboards.insert(caller, document, `made from the template ${template.name}`);
  }
}
