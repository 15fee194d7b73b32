import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { type RegistryEntry, takesFile } from '../../../server/src/contract/registry.ts'
import { fieldsOf, type InputField, withValue } from '../../fuzz/schema/fields.ts'
import { inParallel } from '../../support/in-parallel.ts'
import { newAddress } from '../../support/people.ts'
import { factsOf } from './facts.ts'
import { type Parity, rightCall, surfacesOf, WIDTH } from './parity-world.ts'

interface BadInput {
  readonly what: string
  readonly field: string
  readonly input: unknown
}

/** Sends the same bad inputs to every surface; answers how many refusals were alike. */
export async function sameRefusals(parity: Parity): Promise<number> {
  const answering = parity.registry.filter(({ kind }) => kind !== 'subscription')
  const counts = await inParallel(answering, WIDTH, (entry) => refusalsOf(parity, entry))
  return counts.reduce((sum, count) => sum + count, 0)
}

async function refusalsOf(parity: Parity, entry: RegistryEntry): Promise<number> {
  const { input: right, as: token } = await rightCall(parity, entry)
  const surfaces = surfacesOf(parity, entry)
  let alike = 0
  for (const { what, field, input } of badInputs(entry, right)) {
    let reference: unknown
    // Over REST a version comes as `If-Match`, in words of its own (tests/api/rest).
    for (const surface of surfaces.filter(({ name }) => name !== 'rest' || field !== 'version')) {
      const traceId = randomUUID().replaceAll('-', '')
      const outcome = await surface.call(entry, input, { token, traceId, headers: newAddress() })
      const { same, audits } = await factsOf(parity, traceId, input, outcome)
      const said = `${entry.path} with ${what} by ${surface.name}: ${outcome.text.slice(0, 500)}`
      // A secret that is no secret at all is refused like any other that does not hold.
      expect(['BAD_REQUEST', 'UNAUTHORIZED'], said).toContain(outcome.error?.code)
      if (outcome.error?.code === 'BAD_REQUEST') expect(audits, said).toBe(0)
      alike += 1
      if (outcome.refusedUnsent === true) {
        expect(flat(outcome.text), said).toContain(flat(field.split('.').at(-1) ?? field))
        continue
      }
      // As it is: the field, the message and the value shown are the caller's to read.
      const whole = { ...same, error: outcome.error, lines: [same.lines].flat().map(withoutTarget) }
      reference ??= whole
      expect(whole, said).toEqual(reference)
    }
  }
  return alike
}

/** A field and its flag are one name: `dueAt`, `--due-at`. */
function flat(text: string): string {
  return text.replaceAll('-', '').toLowerCase()
}

/** What a surface could not read names nothing. */
function withoutTarget(line: unknown): unknown {
  return { ...Object(line), target: undefined }
}

/** One field wrong at a time, and one that does not exist. */
function badInputs(entry: RegistryEntry, right: unknown): BadInput[] {
  const fields = fieldsOf(entry.input).filter(({ name }) => !(takesFile(entry) && name === 'file'))
  const wrong = fields.flatMap((field) =>
    badValues(field).map((value) => ({
      field: field.name,
      what: `${field.name} = ${JSON.stringify(value)}`,
      input: withValue(right, field.path, value),
    })),
  )
  const stranger = {
    field: 'colour',
    what: 'a field that is not there',
    input: { ...Object(right), colour: 'red' },
  }
  return entry.input === null ? [] : [...wrong, stranger]
}

function badValues({ kind }: InputField): readonly unknown[] {
  if (kind === 'formed') return ['nonsense']
  if (kind === 'number') return [-1]
  if (kind === 'text') return ['a\0b']
  return []
}
