/** What an API key can be allowed to do. A key never exceeds the rights of the user who made it. */
export const scopes = [
  'users:read',
  'users:write',
  'projects:read',
  'projects:write',
  'tasks:read',
  'tasks:write',
  'flags:read',
  'flags:write',
  'reports:read',
  'reports:write',
  'notifications:read',
  'notifications:write',
  'audit:read',
  'jobs:read',
  'jobs:write',
  'files:read',
  'files:write',
  'models:read',
  'models:write',
  'usage:read',
  'knowledge:read',
  'knowledge:write',
  'chat:read',
  'chat:write',
  'agents:read',
  'agents:write',
] as const

/** One scope of an API key. */
export type Scope = (typeof scopes)[number]
