import type { RequestHandler } from 'express';

import { errors, toPublicError } from '#platform/errors';

import type { Dashboard, Position } from '../service/dashboard/model';
import type { WidgetData } from '../service/data/widget-data.service';
import type { ChartRenderer } from '../service/render/chart-renderer';
import type { SharingService } from '../service/sharing/sharing.service';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Pictures and tables only: nothing runs on the page and nothing is fetched by it. Whoever has the link may show it in a frame. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; sandbox";

const shownRows = 200;

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>*{box-sizing:border-box}body{font:15px/1.4 system-ui,sans-serif;margin:1.2rem;color:#1a2033;background:#f6f7fb}h1{font-size:1.4rem}h2{font-size:1rem;margin:0 0 .5rem}
main{display:grid;grid-template-columns:repeat(12,minmax(0,1fr));gap:14px}section{background:#fff;border:1px solid #dde1ec;border-radius:12px;padding:14px 16px;min-width:0;overflow:auto}
img{max-width:100%;display:block}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #dde1ec;padding:.2rem .5rem;text-align:left}p{white-space:pre-line;margin:0}
@media(max-width:700px){main{display:block}section{margin-bottom:14px}}</style></head><body><h1>${escaped(title)}</h1><main>${body}</main></body></html>`;

const cell = (value: unknown): string =>
  escaped(
    typeof value === 'number'
      ? value.toLocaleString('en-US', { maximumFractionDigits: 4, useGrouping: !Number.isInteger(value) || Math.abs(value) >= 10_000 })
      : typeof value === 'object' && value !== null
        ? JSON.stringify(value)
        : String(value ?? ''),
  );

function table({ result }: WidgetData): string {
  const heads = (result?.columns ?? []).map((column) => `<th>${escaped(column.name)}</th>`).join('');
  const rows = (result?.rows ?? []).slice(0, shownRows).map((row) => `<tr>${row.map((value) => `<td>${cell(value)}</td>`).join('')}</tr>`);
  const more = (result?.rows.length ?? 0) - shownRows;
  return `<table><tr>${heads}</tr>${rows.join('')}</table>${more > 0 ? `<p>… and ${more} more rows</p>` : ''}`;
}

const placeOf = ({ widgetId }: WidgetData, widgets: Dashboard['widgets']): Position | undefined =>
  widgets.find(({ id }) => id === widgetId)?.position;

/** In its place on the grid of twelve. */
async function section(data: WidgetData, dashboard: Dashboard, renderer: ChartRenderer): Promise<string> {
  const { x, y, width, height } = placeOf(data, dashboard.widgets)!;
  const place = `grid-column:${x + 1}/span ${width};grid-row:${y + 1}/span ${height}`;
  return `<section style="${place}"><h2>${escaped(data.name)}</h2>${await content(data, dashboard, renderer)}</section>`;
}

async function content(data: WidgetData, { widgets }: Dashboard, renderer: ChartRenderer): Promise<string> {
  if (data.error) return `<p>${escaped(data.error.message)}</p>`;
  if (data.widgetType === 'text') return `<p>${cell(widgets.find(({ id }) => id === data.widgetId)?.config.text)}</p>`;
  if (!data.chart?.spec) return table(data);
  // The section has the heading.
  const { title: _title, ...spec } = data.chart.spec;
  const { width, height } = placeOf(data, widgets) ?? { width: 6, height: 4 };
  const size = { width: width * 95 - 30, height: Math.max(60, height * 80 - 80) };
  const mark = data.chart.type === 'metric' ? { mark: { ...(spec.mark as object), fontSize: Math.min(48, size.width / 9) } } : {};
  try {
    const svg = await renderer.render({ spec: { ...spec, ...mark }, format: 'svg', ...size });
    return `<img alt="${escaped(data.chart.altText)}" src="data:image/svg+xml;base64,${svg.toString('base64')}">`;
  } catch {
    // A picture that cannot be drawn takes neither its rows nor the other widgets with it.
    return table(data);
  }
}

/** What a link shows, at `/embed/<token>`. The token is the whole right to see it; no other sign-in is asked. */
export function embedPage(sharing: SharingService, renderer: ChartRenderer): RequestHandler {
  return async (request, response) => {
    response.setHeader('content-security-policy', policy);
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'private, no-store');
    response.removeHeader('x-frame-options');
    response.type('html');
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.setHeader('allow', 'GET, HEAD');
        throw errors.METHOD_NOT_ALLOWED({ method: request.method, allow: 'GET' });
      }
      const { dashboard, data } = await sharing.open(request.path.replace(/^\//, ''));
      const sections = await Promise.all(data.widgets.map((widget) => section(widget, dashboard, renderer)));
      response.send(page(dashboard.name, sections.join('')));
    } catch (error) {
      const { status, message } = toPublicError(error);
      response.status(status).send(page('Not available', `<p>${escaped(message)}</p>`));
    }
  };
}
