export interface Ranked<Item> {
  readonly item: Item;
  readonly score: number;
}

export interface Fused<Item> {
  readonly item: Item;
  readonly vector: number | null;
  readonly keyword: number | null;
  /** 0 to 1: 1 for what leads both lists. */
  readonly fused: number;
}

/** The constant of reciprocal rank fusion (Cormack, Clarke, Büttcher, SIGIR 2009). */
const k = 60;

/** Joins a ranking by meaning and one by words: the sum of 1 / (k + rank), scaled so that first in both is 1. */
export function fuse<Item>(
  lists: { readonly vector: readonly Ranked<Item>[]; readonly keyword: readonly Ranked<Item>[] },
  keyOf: (item: Item) => string,
): Fused<Item>[] {
  const fused = new Map<string, { item: Item; vector: number | null; keyword: number | null; sum: number }>();
  const single = lists.vector.length === 0 || lists.keyword.length === 0;
  for (const list of ['vector', 'keyword'] as const) {
    lists[list].forEach(({ item, score }, place) => {
      const key = keyOf(item);
      const entry = fused.get(key) ?? { item, vector: null, keyword: null, sum: 0 };
      entry[list] = score;
      entry.sum += 1 / (k + place + 1);
      fused.set(key, entry);
    });
  }
  const best = (single ? 1 : 2) / (k + 1);
  return [...fused.values()]
    .sort((a, b) => b.sum - a.sum || keyOf(a.item).localeCompare(keyOf(b.item)))
    .map(({ item, vector, keyword, sum }) => ({ item, vector, keyword, fused: sum / best }));
}
