import type { Position } from '../dashboard/model';
import type { WidgetData } from '../data/widget-data.service';

import type { ChartRenderer } from './chart-renderer';
import { colours } from './look';

/** Pixels of the grid. */
const grid = { column: 100, row: 80, gap: 14, head: 64 } as const;
const inset = 16;

export interface PageWidget {
  readonly data: WidgetData;
  readonly position: Position;
  /** Of a text widget. */
  readonly text?: string | undefined;
}

/** A dashboard as one SVG picture: every widget in its place on the grid, drawn as its chart, its rows or its text. */
export async function pageSvg(name: string, placed: readonly PageWidget[], renderer: ChartRenderer): Promise<string> {
  const widgets = withoutEmptyRows(placed);
  const rows = Math.max(1, ...widgets.map(({ position: { y, height } }) => y + height));
  const [width, height] = [12 * grid.column + grid.gap, grid.head + rows * grid.row + grid.gap];
  const cards = await Promise.all(widgets.map((widget, place) => card(widget, place, renderer)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`,
    `<rect width="${width}" height="${height}" fill="${colours.page}"/>`,
    write(name, { x: grid.gap + 2, y: 40, size: 22, bold: true, room: width - 2 * grid.gap }),
    ...cards,
    '</svg>',
  ].join('\n');
}

/** Rows of the grid in which nothing stands take no place in a picture. */
function withoutEmptyRows(widgets: readonly PageWidget[]): PageWidget[] {
  const used = new Set(widgets.flatMap(({ position: { y, height } }) => Array.from({ length: height }, (_, row) => y + row)));
  const rows = new Map([...used].sort((a, b) => a - b).map((row, place) => [row, place]));
  return widgets.map((widget) => ({ ...widget, position: { ...widget.position, y: rows.get(widget.position.y)! } }));
}

interface Box {
  readonly width: number;
  readonly height: number;
}

async function card({ data, position, text }: PageWidget, place: number, renderer: ChartRenderer): Promise<string> {
  const [x, y] = [grid.gap + position.x * grid.column, grid.head + position.y * grid.row];
  const box: Box = { width: position.width * grid.column - grid.gap, height: position.height * grid.row - grid.gap };
  const room: Box = { width: box.width - 2 * inset, height: box.height - 2 * inset - 22 };
  return [
    `<svg x="${x}" y="${y}" width="${box.width}" height="${box.height}">`,
    `<rect x="0.5" y="0.5" width="${box.width - 1}" height="${box.height - 1}" rx="10" fill="${colours.card}" stroke="${colours.line}"/>`,
    write(data.name, { x: inset, y: inset + 10, size: 14, bold: true, room: room.width }),
    `<svg x="${inset}" y="${inset + 22}" width="${Math.max(1, room.width)}" height="${Math.max(1, room.height)}">`,
    await content({ data, text, place }, room, renderer),
    '</svg></svg>',
  ].join('');
}

async function content(
  { data, text, place }: { data: WidgetData; text: string | undefined; place: number },
  room: Box,
  renderer: ChartRenderer,
): Promise<string> {
  if (text !== undefined) return paragraph(text, room, colours.text);
  if (data.error) return paragraph(data.error.message, room, colours.bad);
  if (!data.chart?.spec) return tableSvg(data, room);
  // The card has the heading.
  const { title: _title, ...spec } = data.chart.spec;
  // Nine characters and the signs between them in the width of the card.
  const fontSize = Math.min(48, room.width / 9);
  const sized = data.chart.type === 'metric' ? { ...spec, mark: { ...(spec.mark as object), fontSize } } : spec;
  const svg = await renderer.render({ spec: sized, format: 'svg', ...room }).then(String, () => null);
  return svg === null ? tableSvg(data, room) : withOwnIds(svg, place);
}

/** Names inside of one picture are not those of another. */
const withOwnIds = (svg: string, place: number): string =>
  svg
    .replace(/\bid="/g, `id="w${place}-`)
    .replace(/url\(#/g, `url(#w${place}-`)
    .replace(/href="#/g, `href="#w${place}-`);

const lineHeight = 18;

function paragraph(text: string, room: Box, colour: string): string {
  const perLine = Math.max(1, Math.floor(room.width / 7));
  const lines = text.split('\n').flatMap((line) => line.match(new RegExp(`.{1,${perLine}}(?:\\s+|$)|\\S{1,${perLine}}`, 'gu')) ?? ['']);
  return lines
    .slice(0, Math.max(1, Math.floor(room.height / lineHeight)))
    .map((line, at) => write(line.trim(), { x: 0, y: 13 + at * lineHeight, size: 12, colour, room: room.width }))
    .join('');
}

function tableSvg({ result }: WidgetData, room: Box): string {
  if (!result) return '';
  const columns = result.columns.slice(0, Math.max(1, Math.floor(room.width / 90)));
  const width = room.width / Math.max(1, columns.length);
  const fits = Math.max(0, Math.floor(room.height / lineHeight) - 1);
  const shown = result.rows.slice(0, result.rows.length > fits ? Math.max(0, fits - 1) : fits);
  const line = (cells: readonly unknown[], at: number, bold = false): string =>
    cells
      .map((value, column) => {
        const isNumber = result.columns[column]!.kind === 'integer' || result.columns[column]!.kind === 'number';
        const x = isNumber ? (column + 1) * width - 8 : column * width;
        return write(cellText(value), {
          x,
          y: 13 + at * lineHeight,
          size: 11,
          bold,
          end: isNumber,
          room: width - 10,
          colour: bold ? colours.muted : colours.text,
        });
      })
      .join('');
  const more = result.rows.length - shown.length;
  return [
    line(
      columns.map(({ name }) => name),
      0,
      true,
    ),
    `<line x1="0" x2="${room.width}" y1="18.5" y2="18.5" stroke="${colours.line}"/>`,
    ...shown.map((row, at) => line(row.slice(0, columns.length), at + 1)),
    more > 0
      ? write(`… and ${more} more rows`, {
          x: 0,
          y: 13 + (shown.length + 1) * lineHeight,
          size: 11,
          colour: colours.muted,
          room: room.width,
        })
      : '',
  ].join('');
}

const cellText = (value: unknown): string => {
  if (typeof value === 'number') return value.toLocaleString('en-US', { maximumFractionDigits: 4 });
  return value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
};

interface Written {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  /** Pixels that it may take; what is longer ends in an ellipsis. */
  readonly room: number;
  readonly bold?: boolean;
  readonly end?: boolean;
  readonly colour?: string;
}

function write(text: string, { x, y, size, room, bold = false, end = false, colour = colours.text }: Written): string {
  const most = Math.max(1, Math.floor(room / (size * (bold ? 0.68 : 0.6))));
  const signs = [...text];
  const cut = signs.length > most ? `${signs.slice(0, most - 1).join('')}…` : text;
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${colour}"${bold ? ' font-weight="bold"' : ''}${end ? ' text-anchor="end"' : ''}>${escaped(cut)}</text>`;
}

// Control characters are no XML at all, escaped or not (XML 1.0 §2.2).
const escaped = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
