/** What is read of a `tokenizer.json`. */
export interface TokenizerFile {
  readonly model: {
    readonly type?: string;
    readonly vocab?: Readonly<Record<string, number>>;
    readonly unk_token?: string;
    readonly continuing_subword_prefix?: string;
    readonly max_input_chars_per_word?: number;
  };
  readonly normalizer?: { readonly type?: string; readonly lowercase?: boolean; readonly strip_accents?: boolean | null } | null;
  readonly truncation?: { readonly max_length?: number } | null;
}

const maxTokens = 512;

/** Words, and each sign and each ideograph by itself, as BERT splits them. */
const pieces = /[\p{P}\p{S}]|[\p{sc=Han}]|[^\s\p{P}\p{S}\p{sc=Han}]+/gu;

/**
 * Turns texts into the token numbers of a BERT vocabulary: WordPiece (Wu et al., 2016), the longest known piece first. This is what the
 * small sentence encoders use; SentencePiece and BPE vocabularies are refused.
 */
export function createWordPiece({ model, normalizer, truncation }: TokenizerFile): (text: string) => number[] {
  const { vocab, unk_token: unknown = '[UNK]', continuing_subword_prefix: prefix = '##', max_input_chars_per_word: longest = 100 } = model;
  if (!vocab || (model.type !== undefined && model.type !== 'WordPiece'))
    throw new Error('tokenizer.json holds another kind of vocabulary than WordPiece');
  const known = new Map(Object.entries(vocab));
  const special = (name: string): number => {
    const id = known.get(name);
    if (id === undefined) throw new Error(`tokenizer.json has no ${name}`);
    return id;
  };
  const [begin, end, unknownId] = [special('[CLS]'), special('[SEP]'), special(unknown)];
  const lowercase = normalizer?.lowercase ?? false;
  const stripAccents = normalizer?.strip_accents ?? lowercase;
  const most = Math.min(truncation?.max_length ?? maxTokens, maxTokens) - 2;

  const split = (word: string): number[] => {
    const characters = [...word];
    if (characters.length > longest) return [unknownId];
    const ids: number[] = [];
    for (let from = 0; from < characters.length;) {
      let to = characters.length;
      let id: number | undefined;
      for (; to > from; to -= 1) {
        id = known.get((from > 0 ? prefix : '') + characters.slice(from, to).join(''));
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknownId];
      ids.push(id);
      from = to;
    }
    return ids;
  };

  return (text) => {
    let clean = text.replace(/\s/gu, ' ').replace(/[\p{Cc}\p{Cf}\ufffd]/gu, '');
    if (lowercase) clean = clean.toLowerCase();
    if (stripAccents) clean = clean.normalize('NFD').replace(/\p{Mn}/gu, '');
    const ids: number[] = [];
    for (const [word] of clean.matchAll(pieces)) {
      if (ids.length >= most) break;
      ids.push(...split(word));
    }
    return [begin, ...ids.slice(0, most), end];
  };
}
