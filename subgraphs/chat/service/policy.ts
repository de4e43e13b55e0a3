import { definePermissions } from '#platform/auth';

export const policy = definePermissions({
  'chat:read': 'viewer',
  'chat:write': 'analyst',
});
