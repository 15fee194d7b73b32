import type { Field } from '../flags/fields.ts'

/** An input as it may be shown. */
export function withoutSecrets(input: unknown, secrets: readonly Field[]): unknown {
  return masked(input, new Set(secrets.map(({ path }) => path.join('.'))), '')
}

function masked(value: unknown, hidden: ReadonlySet<string>, path: string): unknown {
  if (hidden.has(path)) return '(not shown)'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const below = (name: string): string => (path === '' ? name : `${path}.${name}`)
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, masked(inner, hidden, below(name))]),
  )
}
