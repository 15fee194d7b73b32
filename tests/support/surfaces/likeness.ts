const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi
const MOMENT = /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)/g
/** Made anew for each answer. */
const FRESH = new Set(['accessToken', 'refreshToken', 'key', 'prefix', 'url', 'nextCursor'])

/**
 * Makes what two calls with like fixtures say comparable: ids become their place in the order of appearance, moments that
 * nobody sent become one word, tokens the name of their field. Everything else stays.
 *
 * @param given what was sent: its ids are numbered first, its moments stay
 */
export function likeness(given: unknown): (value: unknown) => unknown {
  const ids = new Map<string, string>()
  const sent = new Set([...(JSON.stringify(given) ?? '').matchAll(MOMENT)].map(([text]) => Date.parse(text)))
  const text = (value: string): string =>
    value
      .replaceAll(UUID, (id) => {
        const known = ids.get(id) ?? `<id ${ids.size + 1}>`
        ids.set(id, known)
        return known
      })
      .replaceAll(MOMENT, (moment) => (sent.has(Date.parse(moment)) ? moment : '<moment>'))
  const like = (value: unknown, name: string): unknown => {
    if (typeof value === 'string') return FRESH.has(name) && value !== '' ? `<${name}>` : text(value)
    if (Array.isArray(value)) return value.map((item) => like(item, ''))
    if (value instanceof Date) return like(value.toISOString(), name)
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
      return Object.fromEntries(entries.map(([key, item]) => [text(key), like(item, key)]))
    }
    return value
  }
  like(given, '')
  return (value) => like(value, '')
}
