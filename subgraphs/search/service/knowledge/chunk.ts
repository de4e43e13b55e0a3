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

/** Paragraphs and headings, line by line: one pass however long the text. A `#` within a fence is code, not a heading. */
function* blocksOf(markdown: string): Generator<Block> {
  let text = '';
  let offset = 0;
  let fenced = false;
  for (let start = 0; start < markdown.length;) {
    const end = markdown.indexOf('\n', start);
    const line = markdown.slice(start, end < 0 ? markdown.length : end);
    if (/^\s{0,3}(?:```|~~~)/.test(line)) fenced = !fenced;
    const heading = fenced || line.length > 1_000 ? null : /^(#{1,6})\s+(\S.*)$/.exec(line);
    if (text && (heading || line.trim() === '')) {
      yield { text: text.trimEnd(), offset };
      text = '';
    }
    if (heading) {
      const title = heading[2]!.replace(/(?:\s+#+)?\s*$/, '');
      yield { text: line, offset: start, heading: { level: heading[1]!.length, title } };
    } else if (line.trim() !== '') {
      const indent = text ? 0 : line.length - line.trimStart().length;
      if (!text) offset = start + indent;
      text += `${text ? '\n' : ''}${line.slice(indent)}`;
    }
    start = end < 0 ? markdown.length : end + 1;
  }
  if (text) yield { text: text.trimEnd(), offset };
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
      const stop = Math.max(window.lastIndexOf('. '), window.lastIndexOf('\n'), window.lastIndexOf('? '), window.lastIndexOf('! '));
      if (stop > maxCharacters / 3) end = start + stop + 1;
      else {
        const space = window.lastIndexOf(' ');
        if (space > maxCharacters / 3) end = start + space;
      }
    }
    const cut = text.slice(start, end);
    made.push({ text: cut.trim(), offset: offset + start + cut.length - cut.trimStart().length });
    start = end;
  }
  return made.filter(({ text: piece }) => piece);
}
