import { environmentSchema } from '../config/schema.ts'

/** Prints `.env.example` from the configuration schema. */
function envExample(): string {
  const entries = Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const fallback = schema.safeParse(undefined)
    const value = fallback.success && fallback.data !== undefined ? String(fallback.data) : ''
    const comment = schema.description === undefined ? [] : [`# ${schema.description}`]
    return [...comment, `#${name}=${value}`].join('\n')
  })
  return `# Every setting of the server. Printed from server/src/config/schema.ts; copy to .env and uncomment what you change.\n\n${entries.join('\n\n')}\n`
}

process.stdout.write(envExample())
