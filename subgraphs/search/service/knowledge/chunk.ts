export interface Part {
  /** Headings above it, outermost first. */
  readonly section: string;
  readonly text: string;
  /** Where it begins in the document's text, in characters. */
  readonly offset: number;
}

export interface ChunkOptions {
  /** Characters that a part has at most. @default 1_200 */
  readonly maxCharacters?: number;
}

interface Block {
  readonly text: string;
  readonly offset: number;
  readonly heading?: { readonly level: number; readonly title: string };
}

/**
 * Splits a document by its structure: headings first, then paragraphs, then sentences, so that a part says one thing and can be cited
 * with section and offset. Text without structure is split at paragraphs.
 */
export function chunk(markdown: string, { maxCharacters = 1_200 }: ChunkOptions = {}): Part[] {
  const parts: Part[] = [];
  const headings: { level: number; title: string }[] = [];
  let text = '';
  let offset = 0;
  const section = (): string => headings.map(({ title }) => title).join(' › ');
  const flush = (): void => {
    if (text.trim()) parts.push({ section: section(), text: text.trim(), offset });
    text = '';
  };
  for (const block of blocksOf(markdown)) {
    if (block.heading) {
      flush();
      while (headings.length > 0 && headings.at(-1)!.level >= block.heading.level) headings.pop();
      headings.push(block.heading);
      continue;
    }
    for (const piece of pieces(block, maxCharacters)) {
      if (text && text.length + piece.text.length + 2 > maxCharacters) flush();
      if (!text) offset = piece.offset;
      text += (text ? '\n\n' : '') + piece.text;
    }
  }
  flush();
  return parts;
}

function* blocksOf(markdown: string): Generator<Block> {
  const pattern = /(?:[^\n]+\n?)+/g;
  for (const match of markdown.matchAll(pattern)) {
    let start = match.index;
    let lines = '';
    let linesStart = start;
    for (const line of match[0].split(/(?<=\n)/)) {
      const heading = /^(#{1,6})\s+(.+?)\s*#*\s*$/.exec(line.trimEnd());
      if (heading) {
        if (lines.trim()) yield { text: lines.trim(), offset: linesStart };
        lines = '';
        yield { text: line, offset: start, heading: { level: heading[1]!.length, title: heading[2]! } };
        linesStart = start + line.length;
      } else lines += line;
      start += line.length;
    }
    if (lines.trim()) yield { text: lines.trim(), offset: linesStart };
  }
}

/** A block longer than a part is cut after sentences, and a sentence longer than a part wherever it must. */
function pieces({ text, offset }: Block, maxCharacters: number): Block[] {
  if (text.length <= maxCharacters) return [{ text, offset }];
  const made: Block[] = [];
  let start = 0;
  while (start < text.length) {
    let end = Math.min(start + maxCharacters, text.length);
    if (end < text.length) {
      const window = text.slice(start, end);
      const cut = Math.max(window.lastIndexOf('. '), window.lastIndexOf('\n'), window.lastIndexOf('? '), window.lastIndexOf('! '));
      if (cut > maxCharacters / 3) end = start + cut + 1;
      else {
        const space = window.lastIndexOf(' ');
        if (space > maxCharacters / 3) end = start + space;
      }
    }
    made.push({ text: text.slice(start, end).trim(), offset: offset + start });
    start = end;
  }
  return made.filter(({ text: piece }) => piece);
}
