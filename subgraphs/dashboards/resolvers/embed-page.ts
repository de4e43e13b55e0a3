import type { RequestHandler } from 'express';

import { toPublicError } from '#platform/errors';

import type { SharingService } from '../service/sharing/sharing.service';
import type { ChartRenderer } from '../service/render/chart-renderer';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Pictures and tables only: nothing runs on the page and nothing is fetched by it. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>body{font:16px/1.4 system-ui,sans-serif;margin:1.5rem;color:#1b1b1f;background:#fff}section{margin:0 0 2rem}img{max-width:100%}
table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2rem .5rem;text-align:left}</style></head><body><h1>${escaped(title)}</h1>${body}</body></html>`;

/** What a link shows, at `/embed/<token>`. The token is the whole right to see it; no other sign-in is asked. */
export function embedPage(sharing: SharingService, renderer: ChartRenderer): RequestHandler {
  return async (request, response) => {
    response.setHeader('content-security-policy', policy);
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cache-control', 'private, no-store');
    response.type('html');
    try {
      const token = request.path.replace(/^\//, '');
      const { dashboard, data } = await sharing.open(token);
      const sections = await Promise.all(
        data.widgets.map(async ({ name, chart, result, error }) => {
          if (error) return `<section><h2>${escaped(name)}</h2><p>${escaped(error.message)}</p></section>`;
          if (chart?.spec) {
            const svg = await renderer.render({ spec: chart.spec, format: 'svg' });
            return `<section><h2>${escaped(name)}</h2><img alt="${escaped(chart.altText)}" src="data:image/svg+xml;base64,${svg.toString('base64')}"></section>`;
          }
          const heads = (result?.columns ?? []).map((column) => `<th>${escaped(column.name)}</th>`).join('');
          const rows = (result?.rows ?? []).slice(0, 200).map((row) => `<tr>${row.map((cell) => `<td>${escaped(String(cell ?? ''))}</td>`).join('')}</tr>`);
          return `<section><h2>${escaped(name)}</h2><table><tr>${heads}</tr>${rows.join('')}</table></section>`;
        }),
      );
      response.send(page(dashboard.name, sections.join('')));
    } catch (error) {
      const { status, message } = toPublicError(error);
      response.status(status).send(page('Not available', `<p>${escaped(message)}</p>`));
    }
  };
}
