import type { Topic } from './types';

/** Tenant ids and names are free text: a length in front keeps `a` + `b:c` and `a:b` + `c` apart. */
export const topicKey = ({ tenantId, name }: Topic): string => `${tenantId.length}:${tenantId}:${name}`;
