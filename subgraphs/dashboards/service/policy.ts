import { definePermissions } from '#platform/auth';

/** Who may do what with dashboards; on top of it every dashboard has its owner, its visibility and its shares. */
export const policy = definePermissions({
  'dashboard:read': 'viewer',
  'dashboard:write': 'analyst',
  'dashboard:share': 'analyst',
  'alert:read': 'viewer',
  'alert:write': 'analyst',
});
