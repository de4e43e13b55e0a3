/**
 * Words that questions about many different databases use: unlinked, they say little. A noun that neither the schema nor such questions know
 * means that something is asked which isn't there. Kept as hashes of stems, those seen with at least four training databases.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import { calibrate } from './confidence';
import type { Mentions } from './mentions';
import { hashText } from './sketch-features';

const curve = z.object({ scores: z.array(z.number()), shares: z.array(z.number()) });
const document = z.object({ stems: z.string(), after: curve });

/** What each word that nothing explains leaves of the confidence. */
export const PER_STRANGE_WORD = 0.45;

interface Known {
  readonly stems: ReadonlySet<number>;
  /** Confidence after the cut → share that was right. */
  readonly after: z.infer<typeof curve>;
}

let known: Known | undefined;

const load = (): Known => {
  const file = path.join(__dirname, 'weights', 'common-words.json');
  if (!existsSync(file)) return { stems: new Set(), after: { scores: [], shares: [] } };
  const { stems, after } = document.parse(JSON.parse(readFileSync(file, 'utf8')));
  const bytes = Buffer.from(stems, 'base64');
  return { stems: new Set(Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(index * 4))), after };
};

/** A confidence that doubts have cut, calibrated again. */
export const afterStrangeWords = (confidence: number): number => calibrate((known ??= load()).after, confidence);

/** What the words that nothing explains leave of a confidence, 0 to 1. */
export const strangeCut = (mentions: Mentions): number => PER_STRANGE_WORD ** strangeWords(mentions).length;

/** How the answer is to be written, rather than what is asked. */
const MANNER = new Set(
  'convert integer answer round rounded decimal decimals format calculate calculated exactly match string strings unix hh mm mph km vary varies change minus mph datetime'.split(
    ' ',
  ),
);

const LEAST_LINK = 0.35;

/** Words of the question that nothing explains: no link, no cue, unknown to other questions; verb forms are left out. */
export const strangeWords = ({ question, rivals }: Mentions): string[] => {
  const { stems } = (known ??= load());
  if (stems.size === 0) return [];
  const cued = new Set(question.cues.flatMap((cue) => Array.from({ length: cue.to - cue.from }, (_, index) => cue.from + index)));
  const covers = (link: { from: number; to: number; strength: number }, at: number): boolean =>
    link.strength > LEAST_LINK && link.from <= at && at < link.to;
  return question.tokens
    .filter((token) => {
      if (token.stop || token.kind !== 'word' || cued.has(token.index) || MANNER.has(token.lower) || /(ed|ing)$/.test(token.lower))
        return false;
      if (token.value !== undefined || stems.has(hashText(token.stem))) return false;
      if ((rivals[token.index]![0]?.strength ?? 0) > LEAST_LINK) return false;
      return (
        !question.tables.some((link) => covers(link, token.index)) &&
        !question.values.some((link) => link.match !== 'unknown' && covers(link, token.index))
      );
    })
    .map((token) => token.lower);
};
