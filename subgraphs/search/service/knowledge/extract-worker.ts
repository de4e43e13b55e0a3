import { parentPort, workerData } from 'node:worker_threads';

import { unzipSync } from 'fflate';

interface Request {
  readonly kind: 'pdf' | 'docx' | 'html';
  readonly content: Uint8Array;
  readonly maxUnpackedBytes: number;
  readonly maxPages: number;
}

/** A document that cannot be read; the message is for the person who sent it. */
class Unreadable extends Error {}

async function main(): Promise<void> {
  const request = workerData as Request;
  try {
    parentPort!.postMessage({ text: await extract(request) });
  } catch (error) {
    parentPort!.postMessage({
      problem: error instanceof Unreadable ? error.message : `the file is not a ${request.kind.toUpperCase()} document that can be read`,
    });
  }
}

async function extract({ kind, content, maxUnpackedBytes, maxPages }: Request): Promise<string> {
  if (kind === 'html') return fromHtml(new TextDecoder().decode(content));
  if (kind === 'pdf') return fromPdf(content, maxPages);
  refuseBomb(content, maxUnpackedBytes);
  const mammoth = await import('mammoth');
  const { value } = await mammoth.convertToHtml({ buffer: Buffer.from(content) });
  return fromHtml(value);
}

/** The directory of a ZIP states each file's size: too much is refused before anything is unpacked. */
function refuseBomb(content: Uint8Array, maxUnpackedBytes: number): void {
  let total = 0;
  unzipSync(content, {
    filter: ({ originalSize }) => {
      total += originalSize;
      if (total > maxUnpackedBytes) throw new Unreadable(`unpacked it is larger than ${maxUnpackedBytes} bytes`);
      return false;
    },
  });
}

async function fromPdf(content: Uint8Array, maxPages: number): Promise<string> {
  const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const document = await getDocument({ data: content, isEvalSupported: false, disableFontFace: true, useSystemFonts: false }).promise;
  if (document.numPages > maxPages) throw new Unreadable(`it has more than ${maxPages} pages`);
  const pages: string[] = [];
  for (let number = 1; number <= document.numPages; number += 1) {
    const { items } = await (await document.getPage(number)).getTextContent();
    const text = items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
    pages.push(`## Page ${number}\n\n${text.trim()}`);
  }
  const text = pages.join('\n\n');
  if (!/\p{L}/u.test(text.replace(/^## Page \d+$/gm, ''))) throw new Unreadable('it holds no text, only pictures');
  return text;
}

async function fromHtml(html: string): Promise<string> {
  const { load } = await import('cheerio');
  const page = load(html);
  page('script, style, noscript, template, svg, iframe, object').remove();
  const lines: string[] = [];
  page('h1, h2, h3, h4, h5, h6, p, li, td, th, pre, blockquote, dt, dd, figcaption').each((_index, element) => {
    const text = page(element).clone().children('ul, ol, table').remove().end().text().replace(/\s+/g, ' ').trim();
    if (!text) return;
    const level = /^h([1-6])$/.exec(element.tagName)?.[1];
    lines.push(level ? `${'#'.repeat(Number(level))} ${text}` : element.tagName === 'li' ? `- ${text}` : text);
  });
  return lines.length > 0 ? lines.join('\n\n') : page.root().text().replace(/\s+/g, ' ').trim();
}

void main();
