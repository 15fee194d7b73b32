import express from 'express'

interface Layer {
  readonly name: string
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> }
}

/**
 * Writes down what is mounted on Express applications while `work` runs: each path with what answers there, each
 * middleware for all paths by its name, in order.
 */
export async function mountedPaths<T>(work: () => Promise<T>): Promise<{ result: T; mounted: string[] }> {
  const { use } = express.application
  const mounted: string[] = []
  const recorded = function (this: typeof express.application, ...given: unknown[]) {
    const [first, ...rest] = given
    const isPath = typeof first === 'string'
    for (const handler of isPath ? rest : given) mounted.push(...linesOf(isPath ? first : '', handler))
    return Reflect.apply(use, this, given)
  }
  Object.assign(express.application, { use: recorded })
  try {
    return { result: await work(), mounted }
  } finally {
    Object.assign(express.application, { use })
  }
}

function linesOf(path: string, handler: unknown): string[] {
  if (typeof handler !== 'function') return []
  const stack: unknown = Reflect.get(handler, 'stack')
  const layers: Layer[] = Array.isArray(stack) ? stack : []
  const routes = layers.flatMap(({ route }) => (route === undefined ? [] : [route]))
  if (routes.length === 0) return [path === '' ? `every path: ${handler.name || 'middleware'}` : `${path}/**`]
  return routes.map(({ path: own, methods }) => {
    const names = Object.keys(methods).map((name) => (name === '_all' ? 'ANY' : name.toUpperCase()))
    return `${names.join(', ')} ${path}${own}`
  })
}
