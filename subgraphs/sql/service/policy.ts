import { definePermissions } from '#platform/auth';

/** Who may do what with sources and queries. */
export const policy = definePermissions({
  'source:read': 'viewer',
  'source:write': 'editor',
  'query:read': 'viewer',
  'query:run': 'analyst',
  'verified_query:read': 'viewer',
  'verified_query:write': 'editor',
});
