import type { Dialect } from '../engine/catalog';
import type { ProblemType } from '../guard';

export type WarningType = 'select_star' | 'missing_limit' | 'cartesian_product' | 'fan_out' | 'unbounded_scan';
export type Complexity = 'low' | 'medium' | 'high';

export interface ValidationError {
  readonly type: ProblemType;
  readonly message: string;
  /** From 1. */
  readonly line: number | null;
  readonly column: number | null;
  readonly suggestion: string | null;
}

export interface ValidationWarning {
  readonly type: WarningType;
  readonly message: string;
}

export interface Validation {
  readonly valid: boolean;
  readonly errors: ValidationError[];
  readonly warnings: ValidationWarning[];
  readonly tablesReferenced: string[];
  readonly columnsReferenced: string[];
  readonly estimatedComplexity: Complexity;
  /** The statement as it would run; null where it may not. */
  readonly normalizedSql: string | null;
}

export interface ExplainedClause {
  readonly clause: string;
  readonly meaning: string;
}

export interface Explanation {
  readonly explanation: string;
  readonly clauses: ExplainedClause[];
}

export interface Transpilation {
  /** Null where it cannot be rewritten safely. */
  readonly sql: string | null;
  readonly dialect: Dialect;
  readonly warnings: string[];
}
