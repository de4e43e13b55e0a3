import { definePermissions } from '#platform/auth';

export const policy = definePermissions({
  'agent:read': 'viewer',
  'agent:run': 'analyst',
  'agent:write': 'editor',
  'approval:read': 'analyst',
  'approval:decide': 'editor',
  'guardrail:read': 'analyst',
  'guardrail:write': 'admin',
  'memory:read': 'viewer',
  'memory:delete': 'analyst',
});
