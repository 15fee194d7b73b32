import { z } from 'zod'

/** PostgreSQL refuses notifications of 8,000 bytes and more. */
const MOST_BYTES = 7_900

const messageSchema = z.object({ sender: z.string(), topic: z.string(), payload: z.string() })

/** A message on its way between processes. */
export type BusMessage = z.output<typeof messageSchema>

/**
 * The message as the text of a notification.
 * @throws RangeError when it is too long; the bus carries names of things, not things
 */
export function encodeMessage(message: BusMessage): string {
  const text = JSON.stringify(message)
  if (Buffer.byteLength(text) > MOST_BYTES) {
    throw new RangeError(`A message on topic "${message.topic}" is longer than a notification can be.`)
  }
  return text
}

/** The message in `text`; undefined for a notification that is not one of ours. */
export function decodeMessage(text: string): BusMessage | undefined {
  try {
    return messageSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
