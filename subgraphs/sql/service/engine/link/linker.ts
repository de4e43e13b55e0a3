/** All links of a question against one schema. Built once per schema; linking itself keeps no state. */
import type { Schema } from '../schema/types';
import { isEnglish } from '../lexicon/synonyms';
import { stem } from '../text/stem';
import { tokenise } from '../text/tokenise';
import type { Token } from '../text/types';
import { linkConcepts } from './concepts';
import { linkCues } from './cues';
import { linkMetrics, metricForms } from './metrics';
import { buildNameIndex, type NameIndex } from './name-index';
import { linkNames } from './names';
import { linkNumbers } from './numbers';
import { linkGrains, linkTimes } from './times';
import type { LinkedQuestion } from './types';
import { ValueIndex, withinDistance } from './value-index';
import { linkValues } from './values';

export class Linker {
  readonly #names: NameIndex;
  readonly #values: ValueIndex;
  readonly #vocabulary: string[];
  readonly #metricStems: ReadonlySet<string>;

  constructor(readonly schema: Schema) {
    this.#names = buildNameIndex(schema, metricForms(schema.model));
    this.#values = new ValueIndex(schema);
    const words = [
      ...this.#names.metrics.flatMap((form) => form.words),
      ...schema.tables.flatMap((table) => [...table.words, ...table.aliases.flatMap((alias) => alias.words)]),
      ...schema.columns.flatMap((column) => [...column.words, ...column.aliases.flatMap((alias) => alias.words)]),
    ];
    this.#vocabulary = [...new Set(words)];
    this.#metricStems = new Set(this.#names.metrics.flatMap((form) => form.stems));
  }

  /** A word that nothing knows, one slip away from a name or metric, is read as that. */
  #respell(tokens: Token[]): Token[] {
    for (const token of tokens) {
      if (token.kind !== 'word' || token.stop || token.capital || token.lower.length < 4 || this.#known(token)) continue;
      const limit = token.lower.length >= 9 ? 2 : 1;
      const near = this.#vocabulary.find(
        (word) => word.length >= 4 && word[0] === token.lower[0] && withinDistance(token.lower, word, limit),
      );
      if (near) token.stem = stem(near);
    }
    return tokens;
  }

  #known(token: Token): boolean {
    return (
      this.#names.byStem.has(token.stem) ||
      isEnglish(token.stem) ||
      this.#metricStems.has(token.stem) ||
      this.#values.whole(token.lower).length > 0 ||
      this.#values.word(token.lower).length > 0
    );
  }

  link(text: string, now: Date): LinkedQuestion {
    const tokens = this.#respell(tokenise(text));
    const names = linkNames(tokens, this.#names);
    const columns = [...names.columns, ...linkConcepts(tokens, this.schema)];
    const cues = linkCues(tokens);
    const values = linkValues(tokens, this.#values, { tables: names.tables, columns, cues });
    return {
      text,
      tokens,
      schema: this.schema,
      tables: names.tables,
      columns,
      values,
      numbers: linkNumbers(tokens),
      times: linkTimes(tokens, now),
      grains: linkGrains(tokens),
      metrics: linkMetrics(tokens, this.#names.metrics),
      cues,
      now,
    };
  }
}
