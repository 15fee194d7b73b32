import { z } from 'zod'
import { branded, named } from '../../server/src/contract/json-schema.ts'
import { mutation, query, router, subscription, upload } from '../../server/src/contract/procedure.ts'
import { NoInput } from '../../server/src/contract/schemas.ts'
import { defineJob } from '../../server/src/platform/jobs/job-definition.ts'

/** One of everything that the types of the SDK must be able to say. */

const read = { access: { who: 'user' }, scope: 'none', limit: 'read' } as const
const write = { access: { who: 'user' }, scope: 'session', limit: 'write', audit: 'fixture.write' } as const

const Label = named(
  'Label',
  'A label with a colour.',
  z.object({ name: z.string(), colour: z.string().default('grey').describe('A CSS colour.') }),
)

interface Folder {
  name: string
  children: Folder[]
}

const Folder: z.ZodType<Folder, Folder> = named(
  'Folder',
  'Folders within folders.',
  z.object({
    name: z.string(),
    get children() {
      return z.array(Folder)
    },
  }),
)

const Shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), radius: z.number() }),
  z.object({ kind: z.literal('square'), side: z.number().nullable() }),
])

const everything = {
  text: z.string().max(10).describe('Says */ what it is.'),
  count: z.int(),
  on: z.boolean(),
  nothing: z.null(),
  optional: z.string().optional(),
  nullable: z.string().nullable(),
  nullish: z.number().nullish(),
  size: z.enum(['small', "it's large"]).default('small'),
  one: z.literal(1),
  some: z.literal(['a', 2, null]),
  either: z.union([z.string(), z.number(), z.array(z.boolean())]),
  shape: Shape,
  scores: z.record(z.string(), z.number()),
  perSize: z.record(z.enum(['s', 'l']), z.int()),
  someSizes: z.partialRecord(z.enum(['s', 'l']), z.int()),
  pair: z.tuple([z.string(), z.number()]),
  path: z.tuple([z.string()]).rest(z.number().nullable()),
  list: z.array(z.union([z.string(), z.null()])),
  frozen: z.array(z.string()).readonly(),
  both: z.intersection(z.object({ left: z.string() }), z.object({ right: z.string() })),
  nested: z.object({ deep: z.object({ er: z.string().optional() }) }),
  at: z.iso.datetime(),
  'odd-name': z.string(),
  anything: z.unknown(),
  old: z.string().optional().meta({ deprecated: true, description: 'Use `text`.' }),
  label: Label,
  labels: z.array(Label).optional(),
  folder: Folder,
}

const UserId = branded(z.uuid(), 'UserId')

/** The fixture; its resolvers are never called. */
export const fixtureRouter = router({
  everything: router({
    send: mutation({
      summary: 'Sends everything.',
      description: 'In one call.',
      policy: { ...write, errors: ['VERSION_CONFLICT'] },
      input: z.strictObject(everything),
      output: z.object({ ok: z.boolean() }),
      run: async () => ({ ok: true }),
    }),
    get: query({
      summary: 'Gets everything.',
      policy: read,
      input: NoInput,
      output: z.object(everything),
      run: () => Promise.reject(new Error('only its types are used')),
    }),
    loose: query({
      summary: 'Takes more than it names.',
      policy: read,
      input: z.looseObject({ known: z.string() }),
      output: z.record(z.string(), Label),
      run: async () => ({}),
    }),
  }),
  labels: router({
    create: mutation({
      summary: 'Creates a label.',
      policy: write,
      input: Label,
      output: Label,
      run: async ({ input }) => input,
    }),
    nested: router({
      list: query({
        summary: 'Lists labels.',
        policy: {
          ...read,
          deprecated: { since: '2026-11-21', use: 'everything.loose', sunset: '2027-06-30' },
        },
        input: z.strictObject({ limit: z.int().default(20) }).prefault({}),
        output: z.array(Label),
        run: async () => [],
      }),
    }),
    onChange: subscription({
      summary: 'Streams labels.',
      policy: { ...read, limit: 'stream' },
      input: z.strictObject({ id: z.uuid() }),
      output: Label,
      run: async () => ({ position: '0', events: (async function* () {})() }),
    }),
  }),
  reports: router({
    start: mutation({
      summary: 'Starts a job.',
      policy: write,
      input: z.strictObject({ id: z.uuid() }),
      output: z.object({ jobId: z.uuid() }),
      job: defineJob({
        name: 'reports.start',
        version: 1,
        payload: z.object({ id: z.uuid() }),
        result: z.object({ rows: z.int() }),
      }),
      run: async ({ input }) => ({ jobId: input.id }),
    }),
    import: upload({
      summary: 'Takes a file and starts a job.',
      policy: { ...write, upload: {}, surfaces: { rest: 'POST /reports/import' } },
      input: z.strictObject({ id: z.uuid() }),
      output: z.object({ jobId: z.uuid(), name: z.string() }),
      job: defineJob({
        name: 'reports.import',
        version: 1,
        payload: z.object({ id: z.uuid() }),
        result: z.object({ rows: z.int() }),
      }),
      run: async ({ input, file }) => ({ jobId: input.id, name: file.name }),
    }),
  }),
  logout: mutation({
    summary: 'Takes nothing.',
    policy: { ...write, batch: false },
    input: NoInput,
    output: z.object({ ok: z.literal(true) }),
    run: async () => ({ ok: true as const }),
  }),
})

/** What JSON has another word for than TypeScript: kept apart, as tRPC's own inference names the type before it travels. */
export const travellingRouter = router({
  users: router({
    get: query({
      summary: 'Gets a user.',
      policy: read,
      input: z.strictObject({ id: UserId, since: z.date().optional() }),
      output: z.object({ id: UserId, born: z.date(), tags: z.array(z.string()).default([]) }),
      run: () => Promise.reject(new Error('only its types are used')),
    }),
    upload: mutation({
      summary: 'Takes a file.',
      policy: write,
      input: z.strictObject({ file: z.file(), size: z.bigint().optional() }),
      output: z.object({ ok: z.boolean() }),
      run: async () => ({ ok: true }),
    }),
  }),
})
