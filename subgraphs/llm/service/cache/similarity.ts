/** Cosine similarity; 0 where either vector is empty or of another length. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || a.length !== b.length) return 0;
  let dot = 0;
  let normA = 0;
  let normB = 0;
  for (let i = 0; i < a.length; i += 1) {
    dot += a[i]! * b[i]!;
    normA += a[i]! * a[i]!;
    normB += b[i]! * b[i]!;
  }
  return normA === 0 || normB === 0 ? 0 : dot / Math.sqrt(normA * normB);
}

// Sentence vectors put "top 5 in 2023" next to "bottom 5 in 2024". What turns a question around must be equal to the letter.
const turning = new Set(
  `not no never without except excluding only or than
   most least more less fewer highest lowest largest smallest biggest best worst top bottom first last
   max min maximum minimum average mean median sum total count
   increase decrease grow growth decline rising falling up down above below over under before after since until between
   asc desc ascending descending
   january february march april may june july august september october november december
   monday tuesday wednesday thursday friday saturday sunday
   today yesterday tomorrow hour day week month quarter year daily weekly monthly quarterly yearly`.split(/\s+/),
);

/** The parts of a question that similarity cannot judge: numbers, quoted and capitalised names, words that turn the meaning. */
export function hardTerms(question: string): string {
  const quoted = question.match(/(["'`])(?:(?!\1).)+\1/g) ?? [];
  const numbers = question.match(/\d[\d.,]*/g) ?? [];
  const words = question.match(/[\p{L}]+/gu) ?? [];
  const names = words.slice(1).filter((word) => /^\p{Lu}/u.test(word));
  const turns = words.map((word) => word.toLowerCase()).filter((word) => turning.has(word));
  return [...quoted, ...numbers, ...names.map((name) => name.toLowerCase()), ...turns].sort().join(' ');
}
