/** Calls one procedure of a client by the name of its method. */
export type Caller = (method: 'query' | 'mutate' | 'subscribe', input: unknown, options: object) => unknown

/** A caller of the procedure at `names`. It is looked up when it is called, so a client can be a stand-in of a test. */
export function callerOf(client: object, names: readonly string[]): Caller {
  return (method, input, options) => {
    const procedure = names.reduce<unknown>((at, name) => propertyOf(at, name), client)
    const call = propertyOf(procedure, method)
    if (typeof call !== 'function') throw new Error(`The client has no ${names.join('.')}.${method}.`)
    return call.call(procedure, input, options)
  }
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
