import type { LanguageModel } from 'ai';

import type { Caller } from '#platform/auth';

/** The language model that a caller's tenant has configured; null where there is none, and the semantic engine answers alone. */
export type ModelPort = (caller: Caller) => Promise<LanguageModel | null>;
