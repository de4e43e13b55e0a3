/** The first readings of every question as rankers saw them that did not know its database: what the settled confidence is trained on. */
import { readFileSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';

import { WINNER_AT } from '../../subgraphs/sql/service/engine/learned/confidence';
import type { QueryKind } from './gold';
import type { Scored } from './report';

export const READINGS = 5;

export interface Field {
  readonly id: string;
  readonly reworded: boolean;
  readonly empty: boolean;
  readonly fold: number;
  readonly kind: QueryKind;
  /** Share of the first reading in the ranker's weight. */
  readonly share: number;
  readonly readings: readonly { readonly sql: string; readonly weight: number; readonly right: number; readonly row: Float32Array }[];
}

/** @param confidences rows of the confidence model, one for each question that has candidates, in the questions' order */
export const fieldsOf = (scored: readonly Scored[], confidences: { readonly rows: readonly Float32Array[] }): Field[] =>
  scored
    .filter((item) => item.order.length > 0)
    .map(({ question, order, scores }, at): Field => {
      const { example } = question.judged;
      const first = scores[order[0]!]!;
      return {
        id: example.id,
        reworded: example.reworded,
        empty: example.empty,
        fold: example.db.fold,
        kind: example.gold.kind,
        share: 1 / scores.reduce((sum, score) => sum + Math.exp(score - first), 0),
        readings: order.slice(0, READINGS).map((index) => {
          const row = confidences.rows[at]!.slice();
          row.set(question.features[index]!, WINNER_AT);
          return { sql: question.sqls[index]!, weight: Math.exp(scores[index]! - first), right: question.right[index]!, row };
        }),
      };
    });

export const saveFields = (file: string, fields: readonly Field[]): void => writeFileSync(file, serialize(fields));

export const loadFields = (file: string): Field[] => deserialize(readFileSync(file)) as Field[];
