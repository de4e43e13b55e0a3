/** Up to three pieces of the text around the words of the query, the words in **bold**. */
export function highlights(content: string, query: string): string[] {
  const words = [...new Set((query.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []).map(stem))];
  if (words.length === 0) return [];
  const pieces: string[] = [];
  for (const sentence of content.split(/(?<=[.!?])\s+|\n+/u)) {
    let hit = false;
    const marked = sentence.slice(0, 300).replace(/[\p{L}\p{N}]+/gu, (word) => {
      const matches = words.some((wanted) => stem(word.toLowerCase()) === wanted);
      hit ||= matches;
      return matches ? `**${word}**` : word;
    });
    if (hit) pieces.push(marked.trim());
    if (pieces.length === 3) break;
  }
  return pieces;
}

/** Enough to find "delays" for "delay"; ranking uses the index's own stemmer. */
const stem = (word: string): string => word.replace(/(?:ies)$/u, 'y').replace(/(?:ing|ed|es|s)$/u, '');
