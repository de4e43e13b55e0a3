/** A follow-up as an edit of the last tree. */
import type { LinkedQuestion } from '../link/types';
import type { RankedReading } from '../read/readings';
import type { QueryTree } from '../tree';

export function editTree(_question: LinkedQuestion, _lastTree: QueryTree): RankedReading | null {
  return null;
}
