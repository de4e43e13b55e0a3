import type { ComparisonOperator } from '../../engine/tree';

/** A formula or condition as written, before names are looked up. */
export type Syntax =
  | { kind: 'name'; path: string; at: number }
  | { kind: 'number'; value: number }
  | { kind: 'text'; value: string }
  | { kind: 'constant'; value: boolean | null }
  | { kind: 'call'; fn: string; distinct: boolean; argument: Syntax | null; where?: Syntax; at: number }
  | { kind: 'arithmetic'; operator: '+' | '-' | '*' | '/'; left: Syntax; right: Syntax }
  | { kind: 'compare'; operator: ComparisonOperator; left: Syntax; right: Syntax }
  | { kind: 'in'; of: Syntax; values: Syntax[]; negated: boolean }
  | { kind: 'null'; of: Syntax; negated: boolean }
  | { kind: 'like'; of: Syntax; pattern: string; negated: boolean }
  | { kind: 'and' | 'or'; parts: Syntax[] }
  | { kind: 'not'; part: Syntax };
