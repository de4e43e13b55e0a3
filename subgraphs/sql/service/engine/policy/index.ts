export { guardStatement, type GuardedStatement } from './guard-statement';
export { policyGuards, policiesOf, type PolicySubject } from './guards';
export { provePolicies, type Unproven } from './prove';
