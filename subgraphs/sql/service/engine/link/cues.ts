/** Phrases of the lexicon in the question, the longest first. */
import { cuePhrases } from '../lexicon/en/cues';
import type { Token } from '../text/types';
import type { CueLink } from './types';

interface Pattern {
  cue: string;
  detail?: string;
  words: string[][];
}

const byFirst = new Map<string, Pattern[]>();
for (const { cue, detail, phrases } of cuePhrases) {
  for (const phrase of phrases) {
    const words = phrase.split(' ').map((word) => word.split('|'));
    for (const first of words[0]!) {
      const list = byFirst.get(first) ?? [];
      list.push({ cue, ...(detail ? { detail } : {}), words });
      byFirst.set(first, list);
    }
  }
}

/** The words without apostrophes, as phrases are written, with the token of each. */
export const spokenWords = (tokens: readonly Token[]): { word: string; token: number }[] =>
  tokens.flatMap((token) =>
    token.kind === 'quoted'
      ? [{ word: '\u0000', token: token.index }]
      : /^['’`]$/.test(token.text)
        ? []
        : [{ word: token.lower, token: token.index }],
  );

export function linkCues(tokens: readonly Token[]): CueLink[] {
  const words = spokenWords(tokens);
  const found: CueLink[] = [];
  words.forEach(({ word, token }, i) => {
    for (const pattern of byFirst.get(word) ?? []) {
      if (!pattern.words.every((choices, k) => choices.includes(words[i + k]?.word ?? ''))) continue;
      const to = words[i + pattern.words.length - 1]!.token + 1;
      found.push({ kind: 'cue', cue: pattern.cue, from: token, to, ...(pattern.detail ? { detail: pattern.detail } : {}) });
    }
  });
  // The same cue inside a longer one of its own kind is the same cue.
  return found.filter(
    (cue) =>
      !found.some(
        (other) =>
          other !== cue &&
          other.cue === cue.cue &&
          other.from <= cue.from &&
          other.to >= cue.to &&
          other.to - other.from > cue.to - cue.from,
      ),
  );
}

export const cuesOf = (cues: readonly CueLink[], name: string, detail?: string): CueLink[] =>
  cues.filter((cue) => cue.cue === name && (detail === undefined || cue.detail === detail));
export const hasCue = (cues: readonly CueLink[], name: string, detail?: string): boolean =>
  cues.some((cue) => cue.cue === name && (detail === undefined || cue.detail === detail));
