import { REST_BASE, type RestRoute } from '../route.ts'

/** The address of what an answer made, or undefined where it has none. */
export type Locator = (output: unknown) => string | undefined

/** Makes the `Location` of an operation's answers from the operation that gets what they made. */
export function locator(route: RestRoute, routes: readonly RestRoute[]): Locator | undefined {
  const target = routes.find(({ entry }) => route.located !== undefined && entry.path === route.located)
  if (target === undefined) return undefined
  const isJob = route.entry.job !== null
  return (output) => {
    let isWhole = true
    const path = target.path.replaceAll(/\{(\w+)\}/g, (_braces, field: string) => {
      const value = textAt(output, isJob && field === 'id' ? 'jobId' : field)
      if (value === undefined) isWhole = false
      return encodeURIComponent(value ?? '')
    })
    return isWhole ? REST_BASE + path : undefined
  }
}

function textAt(output: unknown, name: string): string | undefined {
  const value: unknown = typeof output === 'object' && output !== null ? Reflect.get(output, name) : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
