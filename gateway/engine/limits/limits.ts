/** What one operation of a client may be. Checked before planning, in this order of expense. */
export interface OperationLimits {
  /** Lexical tokens of the document. @default 10_000 */
  readonly maxTokens: number;
  /** Fields below fields, fragments followed. @default 20 */
  readonly maxDepth: number;
  /** Selections below selections, those of fragments too: whatever walks the operation recurses as deep. @default 100 */
  readonly maxNesting: number;
  /** @default 100 */
  readonly maxAliases: number;
  /** Fields at the root, fragments followed. @default 30 */
  readonly maxRootFields: number;
  /** Directives applied. @default 50 */
  readonly maxDirectives: number;
  /** Fields in all, fragments followed. @default 3_000 */
  readonly maxFields: number;
  /** Fields that repeat a response name beside them: comparing them all takes quadratic time. @default 300 */
  readonly maxDuplicates: number;
  /** By `@cost` and `@listSize`: objects that the answer may hold. @default 100_000 */
  readonly maxCost: number;
}

export const defaultLimits: OperationLimits = {
  maxTokens: 10_000,
  maxDepth: 20,
  maxNesting: 100,
  maxAliases: 100,
  maxRootFields: 30,
  maxDirectives: 50,
  maxFields: 3_000,
  maxDuplicates: 300,
  maxCost: 100_000,
};
