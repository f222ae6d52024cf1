/** The families of actions that the trail can be filtered by. */
export const families = [
  'client',
  'consent',
  'timeline',
  'appointment',
  'series',
  'session',
  'template',
  'service',
  'location',
  'feed',
  'workspace',
  'member',
  'invitation',
  'sign_in',
  'factor',
  'audit',
] as const;
