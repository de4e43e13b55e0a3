import { normalise, type Embedder } from '../../subgraphs/search/service/embedding';
import { SearchIndex, type IndexEntry, type SearchMode } from '../../subgraphs/search/service/index';

import { modes } from './quality';

/** Mulberry32: 32-bit integers only. A product by `*` would leave the exact range of a double, and the sequence would fall into a short cycle. */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Vectors without a model: what is timed is the index, not the encoder. Around 200 topics, as texts are. */
export function syntheticEmbedder(): Embedder {
  const random = randomFrom(7);
  const centres = Array.from({ length: 200 }, () => Float32Array.from({ length: 512 }, () => random() - 0.5));
  const one = (): Float32Array => {
    const centre = centres[Math.floor(random() * centres.length)]!;
    return normalise(centre.map((value) => value + (random() - 0.5) * 0.6));
  };
  // A question has the same vector each time it is asked; the chunks' are not kept.
  const questions = new Map<string, Float32Array>();
  const embed: Embedder['embed'] = async (texts) => {
    if (texts.length > 1) return texts.map(one);
    const vector = questions.get(texts[0]!) ?? one();
    questions.set(texts[0]!, vector);
    return [vector];
  };
  return { model: 'synthetic', dimension: 512, embed, close: () => Promise.resolve() };
}

const batch = 5_000;
const shelf = { tenantId: 't', collection: 'knowledge' } as const;

export interface Timed {
  readonly chunks: number;
  readonly queries: number;
  readonly approximate: boolean;
  readonly insertSeconds: number;
  readonly indexSeconds: number;
  readonly peakRssMb: number;
  readonly recallAt10: number;
  readonly milliseconds: Readonly<Record<string, { readonly p50: number; readonly p95: number }>>;
}

const round = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** Fills an index with chunks of 60 words and asks it, one query at a time. */
export async function timed(location: string, { chunks, queries }: { chunks: number; queries: number }): Promise<Timed> {
  const index = new SearchIndex({ location, embedder: syntheticEmbedder() });
  const random = randomFrom(11);
  // Few words are frequent and most are rare, as in language.
  const words = (count: number): string => Array.from({ length: count }, () => `w${Math.floor(20_000 * random() ** 3)}`).join(' ');
  const entry = (place: number): IndexEntry => ({
    id: `c${place}`,
    ownerId: `o${Math.floor(place / 20)}`,
    kind: 'part',
    title: 'Part',
    content: words(60),
    userId: null,
    updatedAt: place,
    metadata: {},
  });
  let peakRssMb = 0;
  const watch = setInterval(() => (peakRssMb = Math.max(peakRssMb, Math.round(process.memoryUsage.rss() / 2 ** 20))), 100);
  const started = performance.now();
  for (let from = 0; from < chunks; from += batch) {
    await index.put(
      shelf,
      Array.from({ length: Math.min(batch, chunks - from) }, (_, place) => entry(from + place)),
    );
  }
  const inserted = performance.now();
  await index.optimise(shelf);
  const optimised = performance.now();

  const ask = async (text: string, mode: SearchMode): Promise<void> => {
    const { hits } = await index.rank([shelf], { text, mode, userId: 'u' });
    await index.fetch(hits.slice(0, 10));
  };
  const milliseconds: Record<string, { p50: number; p95: number }> = {};
  for (const mode of modes) {
    const times: number[] = [];
    for (let place = -20; place < queries; place += 1) {
      const text = words(3);
      const begun = performance.now();
      await ask(text, mode);
      if (place >= 0) times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    milliseconds[mode] = { p50: round(times[Math.floor(times.length * 0.5)]!), p95: round(times[Math.floor(times.length * 0.95)]!) };
  }
  const recallAt10 = await recall(index);
  clearInterval(watch);
  const approximate = await index.isApproximate(shelf);
  await index.close();
  return {
    chunks,
    queries,
    approximate,
    insertSeconds: round((inserted - started) / 1_000),
    indexSeconds: round((optimised - inserted) / 1_000),
    peakRssMb,
    recallAt10,
    milliseconds,
  };
}

/** Of the ten nearest by comparing every vector, the share that the index finds as well. */
async function recall(index: SearchIndex): Promise<number> {
  const questions = 50;
  let kept = 0;
  for (let place = 0; place < questions; place += 1) {
    const find = async (exact: boolean): Promise<string[]> => {
      const { hits } = await index.rank([shelf], { text: `question ${place}`, mode: 'vector', userId: 'u', exact });
      return hits.slice(0, 10).map(({ id }) => id);
    };
    const [near, exact] = [await find(false), await find(true)];
    kept += exact.filter((id) => near.includes(id)).length;
  }
  return round(kept / (questions * 10), 3);
}
