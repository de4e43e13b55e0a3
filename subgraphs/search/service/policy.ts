import { definePermissions } from '#platform/auth';

/** Who may search, teach and tend the index. */
export const policy = definePermissions({
  'search:read': 'viewer',
  'knowledge:read': 'viewer',
  'knowledge:write': 'editor',
  'search:admin': 'admin',
});
