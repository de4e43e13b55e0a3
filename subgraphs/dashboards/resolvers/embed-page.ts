import type { RequestHandler } from 'express';

import { errors, toPublicError } from '#platform/errors';

import type { Dashboard } from '../service/dashboard/model';
import type { WidgetData } from '../service/data/widget-data.service';
import type { ChartRenderer } from '../service/render/chart-renderer';
import type { SharingService } from '../service/sharing/sharing.service';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Pictures and tables only: nothing runs on the page and nothing is fetched by it. Whoever has the link may show it in a frame. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; sandbox";

const shownRows = 200;

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>body{font:16px/1.4 system-ui,sans-serif;margin:1.5rem;color:#1b1b1f;background:#fff}section{margin:0 0 2rem}img{max-width:100%}
table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2rem .5rem;text-align:left}p{white-space:pre-line}</style></head><body><h1>${escaped(title)}</h1>${body}</body></html>`;

const cell = (value: unknown): string => escaped(typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? ''));

function table({ result }: WidgetData): string {
  const heads = (result?.columns ?? []).map((column) => `<th>${escaped(column.name)}</th>`).join('');
  const rows = (result?.rows ?? []).slice(0, shownRows).map((row) => `<tr>${row.map((value) => `<td>${cell(value)}</td>`).join('')}</tr>`);
  const more = (result?.rows.length ?? 0) - shownRows;
  return `<table><tr>${heads}</tr>${rows.join('')}</table>${more > 0 ? `<p>… and ${more} more rows</p>` : ''}`;
}

async function content(data: WidgetData, { widgets }: Dashboard, renderer: ChartRenderer): Promise<string> {
  if (data.error) return `<p>${escaped(data.error.message)}</p>`;
  if (data.widgetType === 'text') return `<p>${cell(widgets.find(({ id }) => id === data.widgetId)?.config.text)}</p>`;
  if (!data.chart?.spec) return table(data);
  try {
    const svg = await renderer.render({ spec: data.chart.spec, format: 'svg' });
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
      const sections = await Promise.all(
        data.widgets.map(
          async (widget) => `<section><h2>${escaped(widget.name)}</h2>${await content(widget, dashboard, renderer)}</section>`,
        ),
      );
      response.send(page(dashboard.name, sections.join('')));
    } catch (error) {
      const { status, message } = toPublicError(error);
      response.status(status).send(page('Not available', `<p>${escaped(message)}</p>`));
    }
  };
}
