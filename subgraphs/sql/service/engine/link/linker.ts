/** All links of a question against one schema. Built once per schema; linking itself keeps no state. */
import type { Schema } from '../schema/types';
import { tokenise } from '../text/tokenise';
import { linkConcepts } from './concepts';
import { linkCues } from './cues';
import { linkMetrics, metricForms } from './metrics';
import { buildNameIndex, type NameIndex } from './name-index';
import { linkNames } from './names';
import { linkNumbers } from './numbers';
import { linkGrains, linkTimes } from './times';
import type { LinkedQuestion } from './types';
import { ValueIndex } from './value-index';
import { linkValues } from './values';

export class Linker {
  readonly #names: NameIndex;
  readonly #values: ValueIndex;

  constructor(readonly schema: Schema) {
    this.#names = buildNameIndex(schema, metricForms(schema.model));
    this.#values = new ValueIndex(schema);
  }

  link(text: string, now: Date): LinkedQuestion {
    const tokens = tokenise(text);
    const names = linkNames(tokens, this.#names);
    const columns = [...names.columns, ...linkConcepts(tokens, this.schema)];
    const cues = linkCues(tokens);
    const values = linkValues(tokens, this.#values, { tables: names.tables, columns, cues });
    return {
      text, tokens, schema: this.schema, tables: names.tables, columns, values, numbers: linkNumbers(tokens), times: linkTimes(tokens, now), grains: linkGrains(tokens),
      metrics: linkMetrics(tokens, this.#names.metrics), cues, now,
    };
  }
}
