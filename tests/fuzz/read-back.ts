import { field } from '../support/http.ts'
import type { InputTrial, Reading, Surface } from './model.ts'
import { differences, type Fault } from './oracle.ts'
import type { Wire } from './wire.ts'

/** What was made has to be there afterwards, as the answer said: asked of the `get` beside the procedure. */
export async function faultsOfReadBack(
  surface: Surface,
  wire: Wire,
  { entry, input, token, caller }: InputTrial,
  { data }: Reading,
): Promise<Fault[]> {
  const id = field(data, 'id')
  // A change may be followed by another before it is looked at; what is new is nobody else's yet.
  if (
    entry.kind !== 'mutation' ||
    caller !== 'allowed' ||
    typeof id !== 'string' ||
    field(input, 'id') === id
  )
    return []
  const path = [...entry.path.split('.').slice(0, -1), 'get'].join('.')
  const getter = surface.entries.find((one) => one.path === path)
  const request = getter === undefined ? undefined : surface.encode(getter, { id }, token)?.request
  if (getter === undefined || request === undefined) return []
  const back = surface.read(getter, await wire.send(request))
  if (!back.ok) return [{ bad: 'changed', why: `what was made is ${back.status} for ${path}` }]
  return differences(data, back.data, []).map((why) => ({
    bad: 'changed',
    why: `${path} afterwards: ${why}`,
  }))
}
