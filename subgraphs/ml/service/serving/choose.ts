import { createHash } from 'node:crypto';

import { newId } from '#platform/db';
import { errors } from '#platform/errors';

import type { ServedModel } from './model-directory';
import type { Deployment } from './rules';

export interface Choice {
  readonly version: number;
  readonly role: 'named' | 'latest' | 'primary' | 'candidate';
  /** A version that is asked beside it and whose answer nobody gets. */
  readonly shadow: number | null;
  /** The version that answers where this one fails. */
  readonly fallback: number | null;
}

const only = (version: number, role: Choice['role']): Choice => ({ version, role, shadow: null, fallback: null });

/** The version that answers: the one named, else the deployment's, else the one in production or the newest. */
export function chooseVersion(
  model: ServedModel,
  wish: { readonly version?: number | null; readonly alias?: string | null; readonly stickyKey?: string | null },
): Choice {
  if (wish.version != null) return only(wish.version, 'named');
  if (wish.alias) {
    const aliases = model.aliases as Record<string, number>;
    if (!Object.hasOwn(aliases, wish.alias))
      throw errors.NOT_FOUND({ kind: `alias of this model; known are ${Object.keys(aliases).join(', ') || 'none'}` });
    return only(aliases[wish.alias]!, 'named');
  }
  const deployment = model.deployment as Deployment | null;
  if (!deployment) return only(model.latest, 'latest');
  const { version, candidateVersion, strategy, trafficShare } = deployment;
  if (candidateVersion === null) return only(version, 'primary');
  if (strategy === 'shadow') return { ...only(version, 'primary'), shadow: candidateVersion };
  const toCandidate = shareOf(wish.stickyKey ?? newId('req'), model.id) < trafficShare;
  return toCandidate ? { ...only(candidateVersion, 'candidate'), fallback: version } : only(version, 'primary');
}

/** The same key is always on the same side. */
const shareOf = (key: string, salt: string): number =>
  createHash('sha256').update(`${salt}:${key}`).digest().readUInt32BE(0) / 4_294_967_296;
