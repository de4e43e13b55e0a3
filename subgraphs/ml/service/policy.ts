import { definePermissions } from '#platform/auth';

/** Who may train, decide about, and use models. */
export const policy = definePermissions({
  'model:read': 'viewer',
  'model:predict': 'analyst',
  'model:train': 'analyst',
  'model:manage': 'editor',
  'model:approve': 'admin',
});
