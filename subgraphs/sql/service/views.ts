export type { StoredQuery as StoredQueryView } from '../store/query.store';
export type { StoredVerifiedQuery as VerifiedQueryView } from '../store/verified-query.store';
export type { Answer } from './question.service';
