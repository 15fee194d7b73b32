const KNOWN_WORDS = [
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
/** Secrets out of documentation that servers were found running with. */
const PUBLISHED = [
  // The tutorial of FastAPI on JWT.
  '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
  // jwt.io.
  'a-string-secret-at-least-256-bits-long',
  'your-256-bit-secret',
  // Supabase, self-hosted.
  'super-secret-jwt-token-with-at-least-32-characters-long',
  'your-super-secret-jwt-token-with-at-least-32-characters-long',
  'keyboard cat',
]
/** Passwords that database, cache and storage servers come with. */
const SHIPPED_PASSWORDS = new Set([
  'postgres',
  'postgresql',
  'password',
  'passwd',
  'secret',
  'changeme',
  'changethis',
  'admin',
  'root',
  'redis',
  'minio',
  'minioadmin',
  'example',
  'plinth',
  'test',
])
const MIN_DISTINCT = 12

/** Why `secret` must not sign anything, or undefined when it may. Only the reason is returned, never the secret. */
export function weakness(secret: string): string | undefined {
  if (Buffer.byteLength(secret) < 32) return 'has fewer than 32 bytes'
  if (new Set(secret).size < MIN_DISTINCT) return 'repeats too few characters'
  const text = secret.toLowerCase()
  if (PUBLISHED.some((known) => text.includes(known))) return 'is published in a documentation'
  if (isRepeated(text)) return 'says the same thing again and again'
  if (isSequence(text)) return 'follows the alphabet or the digits'
  const bare = text.replaceAll(/[^a-z]/g, '')
  const rest = KNOWN_WORDS.reduce((left, word) => left.replaceAll(word.replaceAll('-', ''), ''), bare)
  const strange = secret.replaceAll(/[a-z]/gi, '').length + rest.length
  return strange < 16 ? 'is made of words that everybody tries' : undefined
}

/** Whether `password` is one that a server comes with, or that every guide uses. */
export function isShippedPassword(password: string): boolean {
  return SHIPPED_PASSWORDS.has(password.toLowerCase())
}

/** Whether the text is a shorter one, at least twice. */
function isRepeated(text: string): boolean {
  for (let length = 1; length <= text.length / 2; length += 1) {
    if (
      text ===
      text
        .slice(0, length)
        .repeat(text.length / length + 1)
        .slice(0, text.length)
    )
      return true
  }
  return false
}

/** Whether most characters are the one before, or its neighbour. */
function isSequence(text: string): boolean {
  let steps = 0
  for (let index = 1; index < text.length; index += 1) {
    if (Math.abs(text.charCodeAt(index) - text.charCodeAt(index - 1)) <= 1) steps += 1
  }
  return steps > text.length / 2
}
