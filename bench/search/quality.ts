import { readFileSync } from 'node:fs';
import path from 'node:path';

import { createBuiltInEmbedder } from '../../subgraphs/search/service/embedding';
import { collections, SearchIndex, type SearchMode } from '../../subgraphs/search/service/index';

import { corpus } from './corpus';

import { projectRoot } from '#platform/lifecycle';

export const modes: readonly SearchMode[] = ['keyword', 'vector', 'hybrid'];

interface Judged {
  readonly query: string;
  /** `collection:id` to its grade, 1 to 3. */
  readonly grades: ReadonlyMap<string, number>;
}

export interface Quality {
  readonly queries: number;
  readonly entries: number;
  readonly entriesPerSecond: number;
  readonly ndcgAt10: Readonly<Record<string, number>>;
  /** The same, by the collection of the best answer. */
  readonly byCollection: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;
const mean = (values: readonly number[]): number => round(values.reduce((sum, value) => sum + value, 0) / values.length);
const keyOf = (collection: string, id: string): string => `${collection}:${id.replaceAll(' ', '_')}`;

export function judgedQueries(): Judged[] {
  const text = readFileSync(path.join(projectRoot, 'bench', 'search', 'judged.tsv'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => {
      const [query, judgements] = line.split('\t') as [string, string];
      const grades = judgements.split(' ').map((one): [string, number] => {
        const at = one.lastIndexOf('=');
        return [one.slice(0, at), Number(one.slice(at + 1))];
      });
      return { query, grades: new Map(grades) };
    });
}

/** nDCG@10 (Järvelin, Kekäläinen 2002), gain 2^grade - 1. */
export function ndcg(found: readonly string[], grades: ReadonlyMap<string, number>): number {
  const gain = (list: readonly number[]): number => list.reduce((sum, grade, place) => sum + (2 ** grade - 1) / Math.log2(place + 2), 0);
  const best = [...grades.values()].sort((a, b) => b - a).slice(0, 10);
  return gain(found.slice(0, 10).map((key) => grades.get(key) ?? 0)) / gain(best);
}

/** Asks every judged query over everything at once, by each half and by both. */
export async function quality(location: string): Promise<Quality> {
  const embedder = createBuiltInEmbedder();
  const index = new SearchIndex({ location, embedder });
  const all = corpus();
  const judged = judgedQueries();
  const known = new Set(collections.flatMap((collection) => all[collection].map(({ id }) => keyOf(collection, id))));
  const unknown = judged.flatMap(({ grades }) => [...grades.keys()]).filter((key) => !known.has(key));
  if (unknown.length > 0) throw new Error(`judged, but not indexed: ${unknown.join(', ')}`);
  await embedder.embed(['warm']);
  const started = performance.now();
  for (const collection of collections) await index.put({ tenantId: 't', collection }, all[collection]);
  const seconds = (performance.now() - started) / 1_000;

  const shelves = collections.map((collection) => ({ tenantId: 't', collection }));
  const scores: Record<string, number[]> = {};
  const byCollection: Record<string, Record<string, number>> = {};
  for (const mode of modes) {
    scores[mode] = [];
    const parts = new Map<string, number[]>();
    for (const { query, grades } of judged) {
      const { hits } = await index.rank(shelves, { text: query, mode, userId: 'u' });
      const score = ndcg(
        hits.map(({ shelf, id }) => keyOf(shelf.collection, id)),
        grades,
      );
      scores[mode].push(score);
      // The collection of the best answer.
      const [best] = [...grades].reduce((a, b) => (b[1] > a[1] ? b : a));
      const collection = best.slice(0, best.indexOf(':'));
      parts.set(collection, [...(parts.get(collection) ?? []), score]);
    }
    for (const [collection, list] of parts) (byCollection[collection] ??= {})[mode] = mean(list);
  }
  await index.close();
  return {
    queries: judged.length,
    entries: known.size,
    entriesPerSecond: Math.round(known.size / seconds),
    ndcgAt10: Object.fromEntries(modes.map((mode) => [mode, mean(scores[mode]!)])),
    byCollection,
  };
}
