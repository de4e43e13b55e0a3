import { createHash } from 'node:crypto';

import DataLoader from 'dataloader';
import { z } from 'zod';

import type { Caller } from '#platform/auth';
import type { Chart } from '#platform/charts';
import { errors, toPublicError, readInput } from '#platform/errors';

import type { DashboardService } from '../dashboard/dashboard.service';
import { filters as filterList, type Dashboard, type DashboardFilter, type DataSource, type Widget } from '../dashboard/model';
import { policy } from '../policy';
import type { QueryRunner, WidgetQuery, WidgetRows } from '../ports';

import type { SourceVersions } from './source-versions';
import type { WidgetCache } from './widget-cache';
import { chartOf } from './widget-chart';

export interface WidgetData {
  readonly widgetId: string;
  readonly name: string;
  readonly widgetType: string;
  readonly result: WidgetRows | null;
  readonly chart: Chart | null;
  /** When the rows were computed. */
  readonly dataTime: Date | null;
  readonly cacheHit: boolean;
  /** Why there are no rows; the other widgets have theirs. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface DashboardData {
  readonly dashboardId: string;
  readonly widgets: readonly WidgetData[];
  /** Queries behind this load: widgets that ask the same, or measure the same rows, share one. */
  readonly queryCount: number;
}

export interface DataRequest {
  readonly refresh?: boolean;
  /** Only these widgets. */
  readonly widgetIds?: readonly string[];
  /** Besides the dashboard's own filters: cross-filtering, or a reader's choice. */
  readonly filters?: readonly DashboardFilter[] | null;
  readonly signal?: AbortSignal;
}

const filtersRules = z.object({ filters: filterList });
const maxRows = 5_000;
const defaultTtlSeconds = 300;
export interface WidgetDataParts {
  readonly dashboards: DashboardService;
  readonly runner: QueryRunner;
  readonly cache: WidgetCache<WidgetRows>;
  readonly versions: SourceVersions;
}

interface Planned {
  readonly key: string;
  readonly ttlMs: number;
  readonly dataSource: DataSource;
  readonly filters: readonly DashboardFilter[];
}

interface Outcome {
  readonly rows: WidgetRows | null;
  readonly at: number | null;
  readonly hit: boolean;
  readonly error: unknown;
}

/** The rows behind a dashboard in one call. */
export class WidgetDataService {
  constructor(private readonly parts: WidgetDataParts) {}

  async load(caller: Caller, dashboardId: string, request: DataRequest = {}): Promise<DashboardData> {
    policy.require(caller, 'dashboard:read');
    return this.loadFor(caller, await this.parts.dashboards.findToShow(caller, dashboardId), request);
  }

  async one(
    caller: Caller,
    { dashboardId, widgetId }: { dashboardId: string; widgetId: string },
    request: DataRequest = {},
  ): Promise<WidgetData> {
    const { widgets } = await this.load(caller, dashboardId, { ...request, widgetIds: [widgetId] });
    const [found] = widgets;
    if (!found) throw errors.NOT_FOUND({ kind: 'widget' });
    return found;
  }

  /** For a dashboard that the caller may see, which the one who calls has made sure of. */
  async loadFor(
    caller: Caller,
    dashboard: Dashboard,
    { refresh = false, widgetIds, filters, signal }: DataRequest,
  ): Promise<DashboardData> {
    const wanted = dashboard.widgets.filter(({ id }) => !widgetIds || widgetIds.includes(id));
    const all = [...dashboard.filters, ...readInput(filtersRules, { filters: filters ?? [] }).filters];
    const versionOf = await this.parts.versions.of(caller);
    const plans = new Map<string, Planned>();
    const planOf = new Map<string, string>();
    for (const widget of wanted) {
      if (!widget.dataSource) continue;
      const planned = plan(caller, { dataSource: widget.dataSource, filters: all, version: versionOf(widget.dataSource.sourceId) });
      const known = plans.get(planned.key);
      plans.set(planned.key, known ? { ...known, ttlMs: Math.min(known.ttlMs, planned.ttlMs) } : planned);
      planOf.set(widget.id, planned.key);
    }
    const outcomes = await this.runAll(caller, [...plans.values()], { refresh, signal });
    return {
      dashboardId: dashboard.id,
      queryCount: queriesBehind([...outcomes.values()]),
      widgets: wanted.map((widget) => present(widget, outcomes.get(planOf.get(widget.id) ?? ''))),
    };
  }

  /** All at once: what the cache does not hold is asked of the runner in one batch, so that it sees what can run as one. */
  private async runAll(
    caller: Caller,
    plans: readonly Planned[],
    options: { refresh: boolean; signal?: AbortSignal },
  ): Promise<Map<string, Outcome>> {
    const missing = new DataLoader<WidgetQuery, WidgetRows>((queries) => this.parts.runner.runAll(caller, queries), { cache: false });
    const outcomes = await Promise.all(plans.map((planned) => this.run(planned, { ...options, missing })));
    return new Map(plans.map(({ key }, place) => [key, outcomes[place]!]));
  }

  private async run(
    { key, ttlMs, dataSource, filters }: Planned,
    { refresh, signal, missing }: { refresh: boolean; signal?: AbortSignal; missing: DataLoader<WidgetQuery, WidgetRows> },
  ): Promise<Outcome> {
    const { sql, question, metric, sourceId, parameters } = dataSource;
    // Not with the reader's signal: others may be waiting for the same run.
    // Rows that are renewed, or may be kept for less time than others keep theirs, pass the caches below: the time of the data is then true.
    const fresh = refresh || ttlMs < defaultTtlSeconds * 1_000;
    const run = (renewed: boolean): Promise<WidgetRows> =>
      missing.load({ sql, question, metric, sourceId, parameters, filters, maxRows, refresh: fresh || renewed });
    try {
      signal?.throwIfAborted();
      const { value, at, hit } = await this.parts.cache.resolve(key, { ttlMs, refresh, run });
      return { rows: value, at, hit, error: null };
    } catch (error) {
      return { rows: null, at: null, hit: false, error };
    }
  }
}

/** One a query id; what has none, or failed, counts as its own. */
function queriesBehind(outcomes: readonly Outcome[]): number {
  const ids = outcomes.map(({ rows }) => rows?.queryId ?? null);
  return new Set(ids.filter((id) => id !== null)).size + ids.filter((id) => id === null).length;
}

/**
 * By caller: a row policy may ask for the user's id, roles or any attribute, and only the sql domain knows which. Callers whom the
 * policies treat alike share rows there, where the key holds the policies themselves. The version of the source ends what was kept of
 * older data, or under other policies.
 */
function plan(
  caller: Caller,
  { dataSource, filters, version }: { dataSource: DataSource; filters: readonly DashboardFilter[]; version: string },
): Planned {
  const { cacheTtlSeconds, ...query } = dataSource;
  const who = [caller.tenantId, caller.userId, [...caller.roles].sort(), caller.attributes ?? {}];
  const key = createHash('sha256')
    .update(JSON.stringify([who, query, filters, version]))
    .digest('hex');
  return { key, ttlMs: (cacheTtlSeconds ?? defaultTtlSeconds) * 1_000, dataSource, filters };
}

function present(widget: Widget, outcome: Outcome | undefined): WidgetData {
  const base = { widgetId: widget.id, name: widget.name, widgetType: widget.widgetType };
  if (!outcome) return { ...base, result: null, chart: null, dataTime: null, cacheHit: false, error: null };
  if (!outcome.rows) {
    const { code, message } = toPublicError(outcome.error);
    return { ...base, result: null, chart: null, dataTime: null, cacheHit: false, error: { code, message } };
  }
  return {
    ...base,
    result: outcome.rows,
    chart: chartOf(widget, outcome.rows),
    dataTime: new Date(outcome.at!),
    cacheHit: outcome.hit,
    error: null,
  };
}
