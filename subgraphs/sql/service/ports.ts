import type { LanguageModel } from 'ai';

import type { Caller } from '#platform/auth';

/**
 * The language model that a caller's tenant has configured; null where there is none, and the semantic engine answers alone.
 * `usageId`: what its calls count towards, such as a message; undefined for the tenant alone. `isFresh`: nothing that was answered before.
 */
export type ModelPort = (
  caller: Caller,
  wish: { readonly usageId: string | undefined; readonly isFresh: boolean },
) => Promise<LanguageModel | null>;
