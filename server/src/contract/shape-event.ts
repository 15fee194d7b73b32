import type { z } from 'zod'
import type { StreamEvent } from './event-stream.ts'

/** Checks events by their schema, each once, however many streams it goes to. @throws ZodError */
export function eventShaper(output: z.ZodType): (event: StreamEvent<unknown>) => StreamEvent<unknown> {
  const shaped = new WeakMap<StreamEvent<unknown>, StreamEvent<unknown>>()
  return (event) => {
    const known = shaped.get(event)
    if (known !== undefined) return known
    const made = { id: event.id, data: output.parse(event.data) }
    shaped.set(event, made)
    return made
  }
}
