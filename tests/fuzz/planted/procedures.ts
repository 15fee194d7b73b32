import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { CallContext } from '../../../server/src/contract/call-context.ts'
import { fail, invalid } from '../../../server/src/contract/errors.ts'
import { mutation, query, router } from '../../../server/src/contract/procedure.ts'
import type { BadName } from '../model.ts'

const read = { access: { who: 'user' }, scope: 'users:read', limit: 'read' } as const
const write = { access: { who: 'user' }, scope: 'users:write', limit: 'write', audit: 'bugs.plant' } as const

const isClean = (text: string) => text.isWellFormed() && !text.includes('\0')
const Line = z.string().min(1).max(200).refine(isClean, 'Give well-formed text without NUL.')
const Text = z.object({ text: z.string() })
const Ok = z.object({ ok: z.literal(true) })
const DONE = { ok: true } as const
const ok = async () => DONE

/** What a schema says, and nobody enforces. */
const declared = (json: Record<string, unknown>) => z.any().meta(json)

const insert = (context: CallContext, title: string) =>
  context.runtime.database.pool.query('INSERT INTO planted_notes (id, title) VALUES ($1, $2)', [
    randomUUID(),
    title,
  ])

function merge(target: object, given: unknown): object {
  for (const [key, value] of Object.entries(Object(given))) {
    const inner: unknown = Reflect.get(target, key)
    if (
      typeof value === 'object' &&
      value !== null &&
      (typeof inner === 'object' || typeof inner === 'function')
    ) {
      merge(Object(inner), value)
    } else Reflect.set(target, key, value)
  }
  return target
}

/** Procedures with one mistake each, as they are made in earnest, and two without any. */
export const plantedRouter = router({
  sound: router({
    read: query({
      summary: 'No bug.',
      policy: read,
      input: z.strictObject({ text: Line }),
      output: Text,
      run: async ({ input }) => input,
    }),
    write: mutation({
      summary: 'No bug.',
      policy: write,
      input: z.strictObject({ text: Line, count: z.int().min(0).max(9).optional() }),
      output: Text,
      async run({ input, context }) {
        await insert(context, input.text)
        return { text: input.text }
      },
    }),
  }),
  bugs: router({
    unbounded: mutation({
      summary: 'A text without a greatest length, on its way to a column that has one.',
      policy: write,
      input: z.strictObject({ title: z.string().refine(isClean, 'No.') }),
      output: Ok,
      async run({ input, context }) {
        await insert(context, input.title)
        return DONE
      },
    }),
    where: query({
      summary: 'What the caller sent, as a filter.',
      policy: read,
      input: z.strictObject({ email: z.any() }),
      output: z.object({ found: z.int() }),
      run: async ({ input, context }) => ({
        found: (await context.runtime.database.prisma.user.findMany({ where: { email: input.email } }))
          .length,
      }),
    }),
    sql: query({
      summary: 'SQL made of text.',
      policy: read,
      input: z.strictObject({ search: Line }),
      output: Ok,
      async run({ input, context }) {
        await context.runtime.database.pool.query(
          `SELECT id FROM planted_notes WHERE title = '${input.search}'`,
        )
        return DONE
      },
    }),
    loose: mutation({
      summary: 'An object that takes any other key, too.',
      policy: write,
      input: z.object({ text: Line }),
      output: Text,
      run: async ({ input }) => ({ text: input.text }),
    }),
    blurting: query({
      summary: 'The message of whatever went wrong inside, as an error of its own.',
      policy: read,
      input: z.strictObject({ id: z.uuid() }),
      output: Ok,
      async run({ input, context }) {
        await context.runtime.database.prisma.task
          .findUniqueOrThrow({ where: { id: input.id } })
          .catch((error) => {
            throw fail('NOT_FOUND', { message: String(error) })
          })
        return DONE
      },
    }),
    hasty: mutation({
      summary: 'Writes, then looks.',
      policy: write,
      input: z.strictObject({ title: Line }),
      output: Ok,
      async run({ input, context }) {
        await insert(context, input.title)
        if (/[^a-z ]/i.test(input.title)) throw invalid('title', 'Give letters.')
        return DONE
      },
    }),
    lying: query({
      summary: 'Answers with something else than its schema says.',
      policy: read,
      input: z.strictObject({ text: Line }),
      output: declared({ type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] }),
      run: async () => ({ count: 'many' }),
    }),
    coercing: mutation({
      summary: 'The text "false" is true.',
      policy: write,
      input: z.strictObject({ done: z.coerce.boolean() }),
      output: z.object({ done: z.boolean() }),
      run: async ({ input }) => input,
    }),
    dodged: query({
      summary: 'A limit that is written down and not kept.',
      policy: read,
      input: z.strictObject({ limit: declared({ type: 'integer', minimum: 1, maximum: 10 }) }),
      output: Ok,
      run: ok,
    }),
    merging: mutation({
      summary: 'Settings merged key by key.',
      policy: write,
      input: z.strictObject({ settings: z.any() }),
      output: Ok,
      async run({ input }) {
        merge({ theme: {} }, input.settings)
        return DONE
      },
    }),
    cutting: mutation({
      summary: 'Keeps the first fifty characters.',
      policy: write,
      input: z.strictObject({ text: Line }),
      output: Text,
      run: async ({ input }) => ({ text: input.text.slice(0, 50) }),
    }),
    nameless: mutation({
      summary: 'Refuses without saying what.',
      policy: write,
      input: z.strictObject({ size: declared({ type: 'integer', minimum: 1, maximum: 10 }) }),
      output: Ok,
      async run({ input }) {
        if (!(Number.isInteger(input.size) && input.size >= 1 && input.size <= 10)) throw fail('BAD_REQUEST')
        return DONE
      },
    }),
    picky: mutation({
      summary: 'Refuses what its schema allows.',
      policy: write,
      input: z.strictObject({ size: z.int().min(1).max(10) }),
      output: Ok,
      async run({ input }) {
        if (input.size === 10) throw invalid('size', 'Too much.')
        return DONE
      },
    }),
    swelling: query({
      summary: 'Answers with a thousand times of what it got.',
      policy: read,
      input: z.strictObject({ text: Line }),
      output: Text,
      run: async ({ input }) => ({ text: input.text.repeat(1_000) }),
    }),
    waiting: query({
      summary: 'Never answers some texts.',
      policy: read,
      input: z.strictObject({ text: Line }),
      output: Ok,
      run: ({ input }) => (input.text.length === 200 ? new Promise(() => undefined) : ok()),
    }),
    grumbling: query({
      summary: 'Answers, and writes an error into the log.',
      policy: read,
      input: z.strictObject({ text: Line }),
      output: Ok,
      async run({ input, context }) {
        if (input.text.includes('%')) context.runtime.logger.error('A percent sign')
        return DONE
      },
    }),
  }),
})

/** What each mistake must be found as. */
export const plantedBugs: Readonly<Record<string, BadName>> = {
  'bugs.unbounded': 'serverErrors',
  'bugs.where': 'serverErrors',
  'bugs.sql': 'serverErrors',
  'bugs.loose': 'wrongAccepts',
  'bugs.blurting': 'leaks',
  'bugs.hasty': 'effects',
  'bugs.lying': 'malformed',
  'bugs.coercing': 'wrongAccepts',
  'bugs.dodged': 'wrongAccepts',
  'bugs.merging': 'polluted',
  'bugs.cutting': 'changed',
  'bugs.nameless': 'unnamed',
  'bugs.picky': 'wrongRejects',
  'bugs.swelling': 'amplified',
  'bugs.waiting': 'hangs',
  'bugs.grumbling': 'errorLines',
}

/** Valid inputs of all of them. */
export const plantedInputs: Readonly<Record<string, unknown>> = {
  'bugs.where': { email: 'nobody@example.com' },
  'bugs.blurting': { id: '12345678-1234-4234-8234-123456789012' },
  'bugs.coercing': { done: true },
  'bugs.dodged': { limit: 5 },
  'bugs.merging': { settings: {} },
  'bugs.nameless': { size: 5 },
  'bugs.picky': { size: 5 },
  'bugs.unbounded': { title: 'Plain' },
  'bugs.hasty': { title: 'Plain' },
  'bugs.sql': { search: 'plain' },
}
