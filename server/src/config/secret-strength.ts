const KNOWN = [
  'changeme',
  'change-me',
  'secret',
  'your-secret',
  'supersecret',
  'default',
  'example',
  'insecure',
  'password',
  'jwt',
  'test',
]
const MIN_DISTINCT = 12

/** Why `secret` must not sign anything, or undefined when it may. Only the reason is returned, never the secret. */
export function weakness(secret: string): string | undefined {
  if (Buffer.byteLength(secret) < 32) return 'has fewer than 32 bytes'
  if (new Set(secret).size < MIN_DISTINCT) return 'repeats too few characters'
  const bare = secret.toLowerCase().replaceAll(/[^a-z]/g, '')
  const rest = KNOWN.reduce((text, word) => text.replaceAll(word.replaceAll('-', ''), ''), bare)
  const strange = secret.replaceAll(/[a-z]/gi, '').length + rest.length
  return strange < 16 ? 'is made of words that everybody tries' : undefined
}
