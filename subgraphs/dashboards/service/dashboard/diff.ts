import { isDeepStrictEqual } from 'node:util';

import type { DashboardDocument, Widget } from './model';

export interface Difference {
  /** `name`, `filters`, `widgets.wdg-….position` */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What changed between two versions, field by field and widget by widget. */
export function diff(before: DashboardDocument, after: DashboardDocument): Difference[] {
  const fields = ['name', 'description', 'visibility', 'tags', 'filters'] as const;
  const changes: Difference[] = fields.flatMap((field) => compare(field, before[field], after[field]));
  const [old, now] = [byId(before.widgets), byId(after.widgets)];
  for (const id of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(id), now.get(id)];
    if (!was || !is) changes.push({ path: `widgets.${id}`, before: was ?? null, after: is ?? null });
    else
      for (const field of ['name', 'widgetType', 'position', 'dataSource', 'config'] as const)
        changes.push(...compare(`widgets.${id}.${field}`, was[field], is[field]));
  }
  return changes;
}

const byId = (widgets: readonly Widget[]): Map<string, Widget> => new Map(widgets.map((widget) => [widget.id, widget]));

const compare = (path: string, before: unknown, after: unknown): Difference[] =>
  isDeepStrictEqual(before, after) ? [] : [{ path, before, after }];
