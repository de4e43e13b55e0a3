import type { DocumentNode } from 'graphql';

import type { OperationPlan } from './plan';

export interface PlanRequest {
  /** Valid against the API schema. */
  readonly document: DocumentNode;
  readonly operationName?: string;
}

/** Turns an operation into a plan. Synchronous, CPU only; throws where the operation can't be planned. */
export interface Planner {
  readonly name: 'apollo' | 'hive';
  plan(request: PlanRequest): OperationPlan;
}
