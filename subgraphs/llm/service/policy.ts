import { definePermissions } from '#platform/auth';

export const policy = definePermissions({
  'llm:use': 'viewer',
  'llm:route': 'analyst',
  'llm-usage:read': 'analyst',
  'llm-decision:read': 'analyst',
  'llm-config:read': 'admin',
  'llm-config:write': 'admin',
  'llm-cache:invalidate': 'editor',
});
