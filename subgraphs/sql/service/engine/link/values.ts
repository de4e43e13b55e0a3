/** Question words → cells of the source, spelled as the cell spells them. */
import { stem } from '../text/stem';
import type { Token } from '../text/types';
import type { SchemaColumn } from '../schema/types';
import type { ColumnLink, CueLink, TableLink, ValueLink } from './types';
import { foldWords, type Cell, type ValueIndex } from './value-index';

const MAX_SPAN = 8;
const strongCues = new Set([
  'superlative',
  'aggregate',
  'count',
  'top',
  'sort',
  'direction',
  'each',
  'share',
  'average',
  'never',
  'frequent',
  'rare',
]);

export interface NameLinks {
  tables: readonly TableLink[];
  columns: readonly ColumnLink[];
  cues?: readonly CueLink[];
}

export function linkValues(tokens: readonly Token[], index: ValueIndex, names: NameLinks): ValueLink[] {
  const cued = new Uint8Array(tokens.length);
  for (const cue of names.cues ?? []) if (strongCues.has(cue.cue)) cued.fill(1, cue.from, cue.to);
  const links: ValueLink[] = [];
  const covered = new Uint8Array(tokens.length);
  for (let length = Math.min(MAX_SPAN, tokens.length); length >= 1; length -= 1) {
    for (let from = 0; from + length <= tokens.length; from += 1) {
      const span = tokens.slice(from, from + length);
      if (span[0]!.kind === 'punctuation' || span[length - 1]!.kind === 'punctuation') continue;
      if (insideCovered(covered, from, length)) continue;
      // "highest" is no priority "high", unless it is written as a value.
      const spokenFor = span.every((token) => cued[token.index] && !token.capital && token.kind !== 'quoted');
      if (spokenFor) continue;
      const found = linkSpan(span, index);
      if (found.length === 0) continue;
      links.push(...found);
      covered.fill(1, from, from + length);
    }
  }
  links.push(...linkQuotedNames(tokens, covered, index));
  links.push(...linkParts(tokens, covered, index));
  links.push(...linkTypos(tokens, { covered, names }, index));
  links.push(...unknownValues(tokens, covered, names));
  return weakenNames(links, tokens, names).concat(linkFlags(tokens, names));
}

/** "the mountains" is the table before it is a title: a value written like a plain name of the schema is less likely meant. */
function weakenNames(links: readonly ValueLink[], tokens: readonly Token[], names: NameLinks): ValueLink[] {
  const named = new Uint8Array(tokens.length);
  for (const link of [...names.tables, ...names.columns])
    if (link.strength >= 0.84 && link.match !== 'synonym') named.fill(1, link.from, link.to);
  return links.map((link) => {
    if (link.quoted || link.capital) return link;
    for (let i = link.from; i < link.to; i += 1) if (!named[i] && !tokens[i]!.stop) return link;
    return { ...link, strength: link.strength * (link.match === 'stem' ? 0.55 : 0.8) };
  });
}

const yes = new Set(['y', 'yes', 't', 'true', '1']);
const no = new Set(['n', 'no', 'f', 'false', '0']);

/** "students on scholarship": a column of yes and no is a condition when it is named. */
function linkFlags(tokens: readonly Token[], names: NameLinks): ValueLink[] {
  return names.columns.flatMap((link): ValueLink[] => {
    const { values } = link.column.source;
    if (link.strength < 0.8 || !values || values.length !== 2) return [];
    const on = values.find((value) => yes.has(String(value).toLowerCase()));
    const off = values.find((value) => no.has(String(value).toLowerCase()));
    if (on === undefined || off === undefined) return [];
    const negated = tokens.slice(Math.max(0, link.from - 3), link.from).some((token) => /^(not|no|without|never|t)$/.test(token.lower));
    return [
      {
        kind: 'value',
        column: link.column,
        value: negated ? off : on,
        match: 'alias',
        from: link.from,
        to: link.to,
        strength: 0.5,
        quoted: false,
        capital: false,
      },
    ];
  });
}

/** A span inside a longer match says nothing new. */
const insideCovered = (covered: Uint8Array, from: number, length: number): boolean => {
  for (let i = from; i < from + length; i += 1) if (!covered[i]) return false;
  return true;
};

function linkSpan(span: readonly Token[], index: ValueIndex): ValueLink[] {
  const quoted = span.length === 1 && span[0]!.kind === 'quoted';
  const words = span.flatMap((token) => foldWords(token.text));
  if (words.length === 0) return [];
  const capital = span.every((token) => token.capital || token.stop || token.kind !== 'word');
  const anyCapital = span.some((token) => token.capital);
  if (!quoted && span.length === 1 && span[0]!.stop && !span[0]!.capital) return [];
  if (!quoted && span.every((token) => token.stop && !token.capital)) return [];
  const exact = index.whole(words.join(' '));
  const stemmed = exact.length > 0 ? [] : index.whole(words.map(stem).join(' '));
  const text = span.length === 1 ? span[0]!.text : '';
  return [...exact, ...stemmed].map((cell) =>
    toLink(cell, span, { quoted, capital: capital && anyCapital, stemmed: exact.length === 0, text }),
  );
}

function toLink(cell: Cell, span: readonly Token[], how: { quoted: boolean; capital: boolean; stemmed: boolean; text: string }): ValueLink {
  const match =
    cell.match === 'alias' ? 'alias' : cell.match === 'stem' || how.stemmed ? 'stem' : how.text === cell.value ? 'exact' : 'case';
  const base = { exact: 1, case: 0.9, stem: 0.75, alias: 0.85 }[match];
  // "or" and "top" are seldom the codes OR and TOP.
  const lowered =
    !how.quoted &&
    !how.capital &&
    String(cell.value).length <= 3 &&
    /^[A-Z]+$/.test(String(cell.value)) &&
    how.text === String(cell.value).toLowerCase();
  const evidence = lowered ? 0.35 : how.quoted ? 1 : how.capital ? 0.97 : span.length > 1 ? 0.95 : 0.8;
  return {
    kind: 'value',
    column: cell.column,
    value: cell.value,
    match,
    from: span[0]!.index,
    to: span[span.length - 1]!.index + 1,
    strength: base * evidence,
    quoted: how.quoted,
    capital: how.capital,
  };
}

/** “Ada Kern” where first and last name have columns of their own: each word is a cell of one of them. */
function linkQuotedNames(tokens: readonly Token[], covered: Uint8Array, index: ValueIndex): ValueLink[] {
  return tokens.flatMap((token): ValueLink[] => {
    if (covered[token.index] || token.kind !== 'quoted') return [];
    const words = foldWords(token.text);
    if (words.length !== 2) return [];
    const [first, last] = words.map((word) => index.whole(word).filter((cell) => cell.match === 'exact')) as [Cell[], Cell[]];
    const pair = first.flatMap((a) =>
      last.filter((b) => b.column !== a.column && b.column.table === a.column.table).map((b) => [a, b] as const),
    )[0];
    if (!pair) return [];
    covered[token.index] = 1;
    return pair.map((cell): ValueLink => ({
      kind: 'value',
      column: cell.column,
      value: cell.value,
      match: 'exact',
      from: token.index,
      to: token.index + 1,
      strength: 0.85,
      quoted: true,
      capital: true,
    }));
  });
}

/** "Smith" → "John Smith", for words that are written like names and stand in few cells. */
function linkParts(tokens: readonly Token[], covered: Uint8Array, index: ValueIndex): ValueLink[] {
  return tokens.flatMap((token) => {
    if (covered[token.index] || !token.capital || token.stop || token.kind === 'number') return [];
    const words = foldWords(token.text);
    if (words.length !== 1) return [];
    const cells = index.word(words[0]!);
    if (cells.length === 0 || cells.length > 6) return [];
    return cells.map((cell): ValueLink => ({
      kind: 'value',
      column: cell.column,
      value: cell.value,
      match: 'partial',
      from: token.index,
      to: token.index + 1,
      strength: 0.55 / Math.sqrt(cells.length),
      quoted: false,
      capital: true,
    }));
  });
}

/** Near spellings, only of words that nothing else explains. */
function linkTypos(
  tokens: readonly Token[],
  { covered, names }: { covered: Uint8Array; names: NameLinks },
  index: ValueIndex,
): ValueLink[] {
  const explained = new Uint8Array(tokens.length);
  for (const link of [...names.tables, ...names.columns]) if (link.strength > 0.5) explained.fill(1, link.from, link.to);
  return tokens.flatMap((token) => {
    if (
      covered[token.index] ||
      explained[token.index] ||
      token.stop ||
      token.kind === 'punctuation' ||
      token.kind === 'number' ||
      token.text.length < 5
    )
      return [];
    const key = foldWords(token.text).join(' ');
    return index.near(key).flatMap((near) =>
      index
        .whole(near)
        .filter((cell) => cell.match === 'exact')
        .map((cell): ValueLink => ({
          kind: 'value',
          column: cell.column,
          value: cell.value,
          match: 'typo',
          from: token.index,
          to: token.index + 1,
          strength: token.capital || token.kind === 'quoted' ? 0.6 : 0.4,
          quoted: token.kind === 'quoted',
          capital: token.capital,
        })),
    );
  });
}

/** A quoted or capitalised span that is neither a name nor a cell is still a value, of the column named nearest to it. */
function unknownValues(tokens: readonly Token[], covered: Uint8Array, names: NameLinks): ValueLink[] {
  const named = new Uint8Array(tokens.length);
  for (const link of [...names.tables, ...names.columns]) if (link.strength > 0.6) named.fill(1, link.from, link.to);
  const links: ValueLink[] = [];
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]!;
    if (covered[i] || (token.kind !== 'quoted' && (named[i] || !token.capital || token.stop || token.kind === 'number'))) continue;
    let to = i + 1;
    while (
      token.kind !== 'quoted' &&
      to < tokens.length &&
      tokens[to]!.capital &&
      !covered[to] &&
      !named[to] &&
      tokens[to]!.kind === 'word'
    )
      to += 1;
    const text =
      token.kind === 'quoted'
        ? token.text
        : tokens
            .slice(i, to)
            .map((item) => item.text)
            .join(' ');
    if (text.trim().length === 0) continue;
    for (const { column, nearness } of likelyColumns(i, names)) {
      links.push({
        kind: 'value',
        column,
        value: text,
        match: 'unknown',
        from: i,
        to,
        strength: (token.kind === 'quoted' ? 0.5 : 0.3) * nearness,
        quoted: token.kind === 'quoted',
        capital: true,
      });
    }
    i = to - 1;
  }
  return links;
}

function likelyColumns(position: number, names: NameLinks): { column: SchemaColumn; nearness: number }[] {
  const scores = new Map<SchemaColumn, number>();
  const add = (column: SchemaColumn, nearness: number) => scores.set(column, Math.max(scores.get(column) ?? 0, nearness));
  for (const link of names.columns) {
    if (!link.column.isText && link.column.type !== 'other') continue;
    const distance = position >= link.to ? position - link.to : link.from - position + 2;
    add(link.column, link.strength / (1 + 0.25 * Math.max(0, distance)));
  }
  for (const link of names.tables) {
    const title = link.table.title;
    if (title?.isText) add(title, (link.strength * 0.8) / (1 + 0.25 * Math.abs(position - link.to)));
  }
  return [...scores]
    .map(([column, nearness]) => ({ column, nearness }))
    .sort((a, b) => b.nearness - a.nearness)
    .slice(0, 4);
}
