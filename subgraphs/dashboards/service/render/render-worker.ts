import path from 'node:path';
import { parentPort } from 'node:worker_threads';

import { Resvg } from '@resvg/resvg-js';

import { look } from './look';

interface Request {
  readonly id: number;
  readonly spec: Record<string, unknown> | string;
  readonly format: 'svg' | 'png';
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

/** Nothing is fetched: a specification that names an address gets nothing for it. */
const noLoader = {
  load: () => Promise.reject(new Error('no network')),
  sanitize: () => Promise.reject(new Error('no network')),
  http: () => Promise.reject(new Error('no network')),
  file: () => Promise.reject(new Error('no files')),
};

/** Of a PNG: four bytes of memory each while it is drawn. A larger picture is made smaller. */
const maxPixels = 40_000_000;

// A font of our own, so that a machine without any draws the same letters.
const fonts = path.join(path.dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const font = {
  loadSystemFonts: false,
  fontFiles: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) => path.join(fonts, file)),
  defaultFontFamily: 'DejaVu Sans',
  sansSerifFamily: 'DejaVu Sans',
};

// Vega is published as ES modules with a CommonJS build; loading it takes a third of a second, so it waits for the first chart.
const libraries = Promise.all([import('vega'), import('vega-lite')]);

async function render({ spec, format, width, height, scale }: Request): Promise<string | Uint8Array> {
  const svg = typeof spec === 'string' ? spec : await draw(spec, { width, height });
  if (format === 'svg') return svg;
  const { width: across, height: down } = new Resvg(svg, { font: { loadSystemFonts: false } });
  const zoom = Math.min(scale, Math.sqrt(maxPixels / (across * down)));
  return new Resvg(svg, { fitTo: { mode: 'zoom', value: zoom }, font }).render().asPng();
}

async function draw(spec: Record<string, unknown>, { width, height }: { width: number; height: number }): Promise<string> {
  const [vega, lite] = await libraries;
  const sized = { ...spec, width, height, autosize: { type: 'fit', contains: 'padding' }, background: 'white' };
  const compiled = lite.compile(sized as never, { config: look as never }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', loader: noLoader as never, logLevel: vega.Error });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

parentPort!.on('message', (request: Request) => {
  render(request).then(
    (image) => parentPort!.postMessage({ id: request.id, image }),
    (error: unknown) =>
      parentPort!.postMessage({ id: request.id, problem: error instanceof Error ? error.message : 'the chart cannot be drawn' }),
  );
});
