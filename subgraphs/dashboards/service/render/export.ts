import path from 'node:path';

import ExcelJS from 'exceljs';
import PDFDocument from 'pdfkit';
import svgToPdf from 'svg-to-pdfkit';

import type { Dashboard } from '../dashboard/model';
import type { DashboardData, WidgetData } from '../data/widget-data.service';

import type { ChartRenderer } from './chart-renderer';
import { pageSvg } from './page-svg';

export const exportFormats = ['pdf', 'png', 'csv', 'xlsx', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportedFile {
  readonly contentType: string;
  readonly filename: string;
  readonly content: Buffer;
}

const contentTypes: Readonly<Record<ExportFormat, string>> = {
  pdf: 'application/pdf',
  png: 'image/png',
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json',
};

export interface ExportRequest {
  readonly dashboard: Dashboard;
  readonly format: ExportFormat;
  readonly data: DashboardData;
}

/** A dashboard as a file, without a browser. */
export async function exportDashboard(request: ExportRequest, renderer: ChartRenderer): Promise<ExportedFile> {
  const makers: Record<ExportFormat, () => Promise<Buffer> | Buffer> = {
    pdf: () => toPdf(request, renderer),
    png: () => toPng(request, renderer),
    csv: () => toCsv(request),
    xlsx: () => toXlsx(request),
    json: () => toJson(request),
  };
  const base =
    request.dashboard.name
      .normalize('NFKD')
      .replace(/[^\w.-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 80) || 'dashboard';
  return { contentType: contentTypes[request.format], filename: `${base}.${request.format}`, content: await makers[request.format]() };
}

const cellText = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** RFC 4180; a cell that a spreadsheet would run as a formula is quoted as text with an apostrophe. */
const csvCell = (value: unknown): string => {
  const text = cellText(value);
  const harmless = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};

function toCsv({ data }: ExportRequest): Buffer {
  const blocks = data.widgets.flatMap(({ name, result }) => {
    if (!result) return [];
    const lines = [result.columns.map(({ name: heading }) => heading), ...result.rows].map((row) => row.map(csvCell).join(','));
    return [[csvCell(name), ...lines].join('\r\n')];
  });
  return Buffer.from(`${blocks.join('\r\n\r\n')}\r\n`);
}

/** The whole document, which `import` takes back, with the rows of each widget in it. */
function toJson({ dashboard: { name, description, visibility, tags, filters, widgets }, data }: ExportRequest): Buffer {
  const rowsOf = new Map(data.widgets.map((widget) => [widget.widgetId, widget]));
  const portable = widgets.map((widget) => {
    const { result = null, dataTime = null, error = null } = rowsOf.get(widget.id) ?? {};
    const { sql, question, metric, sourceId, parameters, cacheTtlSeconds } = widget.dataSource ?? {};
    const source = { sql, question, metric, source_id: sourceId, parameters, cache_ttl_seconds: cacheTtlSeconds };
    return {
      name: widget.name,
      widget_type: widget.widgetType,
      position: widget.position,
      data_source: widget.dataSource && source,
      config: widget.config,
      columns: result?.columns ?? [],
      rows: result?.rows ?? [],
      sql: result?.sql ?? null,
      data_time: dataTime,
      error,
    };
  });
  return Buffer.from(
    JSON.stringify({ format: 'parley.dashboard/1', name, description, visibility, tags, filters, widgets: portable }, null, 2),
  );
}

/** Characters that a cell holds; Excel calls a file with more damaged. */
const maxCell = 32_767;

async function toXlsx({ dashboard: { name }, data }: ExportRequest): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  book.title = name;
  const taken = new Set<string>();
  for (const { name: title, result } of data.widgets) {
    if (!result) continue;
    const sheet = book.addWorksheet(sheetName(title, taken));
    sheet.addRow(result.columns.map(({ name: heading }) => heading)).font = { bold: true };
    for (const row of result.rows)
      sheet.addRow(
        row.map((value) => (typeof value === 'number' || typeof value === 'boolean' ? value : cellText(value).slice(0, maxCell))),
      );
    sheet.views = [{ state: 'frozen', ySplit: 1 }];
  }
  if (book.worksheets.length === 0) book.addWorksheet('Empty');
  return Buffer.from(await book.xlsx.writeBuffer());
}

/** 31 characters, none of those that a sheet's name may not hold, each name once. */
function sheetName(title: string, taken: Set<string>): string {
  const plain = title
    .replace(/[*?:\\/[\]]/g, ' ')
    .slice(0, 28)
    .replace(/^[\s']+|[\s']+$/g, '');
  // Excel keeps the name History for itself.
  const base = plain === '' || plain.toLowerCase() === 'history' ? `Sheet ${plain}`.trim() : plain;
  let name = base;
  for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${base} ${n}`.slice(0, 31);
  taken.add(name.toLowerCase());
  return name;
}

const page = { width: 842, height: 595, margin: 40 };

// The built-in fonts of PDF know Latin letters only.
const fonts = path.join(path.dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const font = { plain: path.join(fonts, 'DejaVuSans.ttf'), bold: path.join(fonts, 'DejaVuSans-Bold.ttf') };

async function toPdf(request: ExportRequest, renderer: ChartRenderer): Promise<Buffer> {
  const document = new PDFDocument({
    size: 'A4',
    layout: 'landscape',
    margin: page.margin,
    info: { Title: request.dashboard.name },
    font: font.plain,
  });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const finished = new Promise<void>((resolve) => document.once('end', resolve));
  document.fontSize(20).text(request.dashboard.name);
  document.moveDown(0.5);
  for (const [place, widget] of request.data.widgets.entries()) {
    if (place > 0) document.addPage();
    document.fontSize(14).text(widget.name);
    document.moveDown(0.5);
    await drawWidget(document, widget, { renderer, text: textOf(request, widget) });
  }
  document.end();
  await finished;
  return Buffer.concat(chunks);
}

/** Of a text widget. */
const textOf = ({ dashboard }: ExportRequest, { widgetId, widgetType }: WidgetData): string | undefined =>
  widgetType === 'text' ? String(dashboard.widgets.find(({ id }) => id === widgetId)?.config.text ?? '') : undefined;

async function drawWidget(
  document: PDFKit.PDFDocument,
  widget: WidgetData,
  { renderer, text }: { renderer: ChartRenderer; text?: string },
): Promise<void> {
  if (text !== undefined) return void document.fontSize(11).text(text);
  if (widget.error) return void document.fontSize(11).text(widget.error.message);
  if (widget.chart?.spec) {
    const size = { width: page.width - 2 * page.margin, height: page.height - document.y - page.margin - 20 };
    const svg = await renderer.render({ spec: widget.chart.spec, format: 'svg', ...size }).catch(() => null);
    if (svg)
      return void svgToPdf(document, svg.toString(), page.margin, document.y, {
        ...size,
        preserveAspectRatio: 'xMidYMin meet',
        fontCallback: (_family, bold) => (bold ? font.bold : font.plain),
      });
  }
  drawTable(document, widget);
}

function drawTable(document: PDFKit.PDFDocument, { result }: WidgetData): void {
  if (!result) return;
  const columns = result.columns.slice(0, 8);
  const width = (page.width - 2 * page.margin) / Math.max(columns.length, 1);
  const line = (cells: readonly string[]): void => {
    const y = document.y;
    cells.forEach((cell, index) =>
      document.text(cell.slice(0, 60), page.margin + index * width, y, { width: width - 6, lineBreak: false, ellipsis: true }),
    );
    document.y = y + 14;
    document.x = page.margin;
  };
  document.fontSize(9).font(font.bold);
  line(columns.map(({ name }) => name));
  document.font(font.plain);
  const shown = result.rows.slice(0, 30);
  for (const row of shown) line(row.slice(0, 8).map(cellText));
  if (result.rows.length > shown.length) line([`… and ${result.rows.length - shown.length} more rows`]);
}

async function toPng(request: ExportRequest, renderer: ChartRenderer): Promise<Buffer> {
  const { dashboard, data } = request;
  const positions = new Map(dashboard.widgets.map(({ id, position }) => [id, position]));
  const widgets = data.widgets.map((widget) => ({
    data: widget,
    position: positions.get(widget.widgetId)!,
    text: textOf(request, widget),
  }));
  return renderer.render({ spec: await pageSvg(dashboard.name, widgets, renderer), format: 'png' });
}
