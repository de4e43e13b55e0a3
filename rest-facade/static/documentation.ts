import path from 'node:path';

import type { OpenApiDocument } from '../openapi/document';
import type { StaticFile } from './file-server';

const folderOf = (name: string): string => path.dirname(require.resolve(`${name}/package.json`));

const page = ({ title, head, body }: { title: string; head: string; body: string }): StaticFile => ({
  type: 'text/html; charset=utf-8',
  text: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>${head}</head>
<body>${body}</body>
</html>
`,
});

const script = (text: string): StaticFile => ({ type: 'text/javascript; charset=utf-8', text });

/** Swagger UI, ReDoc and the documents themselves, all from this server: they work without the internet. */
export function documentation(
  documents: readonly { readonly version: string; readonly document: OpenApiDocument }[],
): ReadonlyMap<string, StaticFile> {
  const swagger = folderOf('swagger-ui-dist');
  const redoc = folderOf('redoc');
  const urls = documents.map(({ version }) => ({ name: version, url: `/openapi/${version}.json` }));
  const json = (document: OpenApiDocument): StaticFile => ({ type: 'application/json; charset=utf-8', text: JSON.stringify(document) });
  return new Map<string, StaticFile>([
    ['/openapi.json', json(documents[0]!.document)],
    ...documents.map(({ version, document }) => [`/openapi/${version}.json`, json(document)] as const),
    [
      '/docs',
      page({
        title: 'Parley API',
        head: '<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" href="/docs/favicon-32x32.png">',
        body: '<div id="swagger-ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/swagger-ui-standalone-preset.js"></script><script src="/docs/start.js"></script>',
      }),
    ],
    [
      '/docs/start.js',
      script(`window.ui = SwaggerUIBundle({
  urls: ${JSON.stringify(urls)}, dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: false, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset], layout: 'StandaloneLayout', docExpansion: 'none', tagsSorter: 'alpha',
});`),
    ],
    ...['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-standalone-preset.js', 'favicon-32x32.png'].map(
      (name) => [`/docs/${name}`, { file: path.join(swagger, name) }] as const,
    ),
    [
      '/redoc',
      page({
        title: 'Parley API',
        head: '',
        body: '<div id="redoc"></div><script src="/redoc/redoc.standalone.js"></script><script src="/redoc/start.js"></script>',
      }),
    ],
    ['/redoc/start.js', script(`Redoc.init('/openapi.json', { hideLoading: true }, document.getElementById('redoc'));`)],
    ['/redoc/redoc.standalone.js', { file: path.join(redoc, 'bundles', 'redoc.standalone.js') }],
  ]);
}
