import { parentPort, workerData } from 'node:worker_threads';

import { unzipSync, zipSync } from 'fflate';

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
  const unpacked = unpack(content, maxUnpackedBytes);
  if (!unpacked['word/document.xml']) throw new Unreadable('it is a ZIP archive, but not a DOCX document');
  const mammoth = await import('mammoth');
  const { value } = await mammoth.convertToHtml({ buffer: Buffer.from(zipSync(unpacked, { level: 0 })) });
  return fromHtml(value);
}

/**
 * The directory of a ZIP states each file's size: too much is refused before anything is unpacked. Unpacking writes no more than what
 * is stated, so a directory that lies gains nothing; the next reader gets the files without compression.
 */
function unpack(content: Uint8Array, maxUnpackedBytes: number): Record<string, Uint8Array> {
  let total = 0;
  return unzipSync(content, {
    filter: ({ name, originalSize }) => {
      total += originalSize;
      if (total > maxUnpackedBytes) throw new Unreadable(`unpacked it is larger than ${maxUnpackedBytes} bytes`);
      return name.endsWith('.xml') || name.endsWith('.rels');
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

const blocks =
  'h1, h2, h3, h4, h5, h6, p, li, td, th, pre, blockquote, dt, dd, figcaption, div, section, article, main, aside, ul, ol, table';

async function fromHtml(html: string): Promise<string> {
  const { load } = await import('cheerio');
  const page = load(html);
  page('script, style, noscript, template, svg, iframe, object').remove();
  const lines: string[] = [];
  page(blocks).each((_index, element) => {
    // Only its own text: blocks within it come by themselves.
    const own = page(element).clone();
    own.find(blocks).remove();
    const text = own.text().replace(/\s+/g, ' ').trim();
    if (!text) return;
    const level = /^h([1-6])$/.exec(element.tagName)?.[1];
    lines.push(level ? `${'#'.repeat(Number(level))} ${text}` : element.tagName === 'li' ? `- ${text}` : text);
  });
  return lines.length > 0 ? lines.join('\n\n') : page.root().text().replace(/\s+/g, ' ').trim();
}

void main();
