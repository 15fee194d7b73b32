import { z } from 'zod'
import { fail } from '../../contract/errors.ts'
import { jsonSchemaOf } from '../../contract/json-schema.ts'
import { validationError } from '../../contract/pipeline/validate.ts'
import type { UploadSource } from '../../contract/upload.ts'
import { type ObjectSchema, toolSchema } from '../tools/tool-schema.ts'

const BASE64 = /^[A-Za-z\d+/]*={0,2}$/

/** A file as a tool takes it: inside the message, whose size the server's cap for bodies bounds. */
const FileArgument = z
  .strictObject({
    name: z.string().min(1).max(255).describe('What to call it, with its ending: `plan.md`.'),
    text: z.string().optional().describe('What is in it, when it is text. Give `text` or `base64`.'),
    base64: z.string().regex(BASE64, 'Give base64.').optional().describe('What is in it, for anything else.'),
  })
  .refine(
    ({ text, base64 }) => (text === undefined) !== (base64 === undefined),
    'Give either text or base64.',
  )

/** The argument `file` of a tool that takes one. */
export const fileArgument: ObjectSchema = {
  ...toolSchema(jsonSchemaOf(FileArgument, 'input')),
  description:
    'The file. The whole call has at most as many bytes as any other; upload larger ones over HTTP.',
}

/**
 * The arguments of a call as an upload, which the pipeline reads once it has let the caller in.
 */
export function uploadOf({ file, ...rest }: Record<string, unknown>): UploadSource {
  return {
    declaredBytes: undefined,
    async read(maxBytes, onFile) {
      const { data, error } = z.object({ file: FileArgument }).safeParse({ file })
      if (error !== undefined) throw validationError(error, { file: undefined })
      const { name, text, base64 } = data.file
      const bytes = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text)
      if (bytes.length > maxBytes) throw fail('PAYLOAD_TOO_LARGE')
      const fields = fieldsOf(rest)
      await onFile({ name, type: undefined, body: once(bytes) }, fields)
      return fields
    },
  }
}

/** Fields of a form are text. */
function fieldsOf(args: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(args)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes
}
