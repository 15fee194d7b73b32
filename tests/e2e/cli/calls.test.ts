import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mutate, query } from '../../support/http.ts'
import { addPerson, type LogIn, PASSWORD, type Person, textOf } from '../../support/people.ts'
import { type Home, installPlinth, logInWith, type PlinthCommand } from '../../support/plinth-command.ts'
import { startServer, type TestServer } from '../../support/server.ts'

let server: TestServer
let command: PlinthCommand
let ada: Person & LogIn
let home: Home
let projectId: string

beforeAll(async () => {
  const installing = installPlinth()
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' } })
  command = await installing
  ada = await addPerson(server, 'ada')
  home = await command.home(server.baseUrl)
  await logInWith(home, ada.email, PASSWORD)
  const made = await home.run(['projects', 'create', '--name', 'Engine', '--slug', 'engine'])
  projectId = textOf(made.json(), 'id')
})

afterAll(async () => {
  await command?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
})

/** A task made over HTTP. */
async function newTask(title: string): Promise<string> {
  return textOf(
    await mutate(server.baseUrl, 'tasks.create', { projectId, title }, { token: ada.token }),
    'id',
  )
}

describe('calls', () => {
  test('a mutation by flags, its answer as JSON, its audit row saying cli', async () => {
    const args = [
      'tasks',
      'create',
      '--projectId',
      projectId,
      '--title=Write',
      '--due-at',
      '2026-12-01T10:00:00Z',
    ]
    const ran = await home.run([...args, '--priority', '2', '--no-description'])
    expect(ran).toMatchObject({ code: 0, err: '' })
    const answer = ran.json()
    expect(answer).toMatchObject({
      title: 'Write',
      priority: 2,
      description: null,
      dueAt: '2026-12-01T10:00:00.000Z',
    })
    const row = await server.database.prisma.auditEvent.findFirstOrThrow({
      where: { action: 'tasks.create', targetId: textOf(answer, 'id') },
    })
    expect(row.surface).toBe('cli')
  })

  test('the id stands alone; nested fields by their path; a value may begin with a dash', async () => {
    const id = await newTask('Nested')
    const updated = await home.run(['tasks', 'update', id, '--data.title', '-v', '--data.status', 'doing'])
    expect(updated.json()).toMatchObject({ id, title: '-v', status: 'doing' })
    const listed = await home.run([
      'tasks',
      'list',
      projectId,
      '--sort',
      '-createdAt',
      '--limit',
      '1',
      '-o',
      'ndjson',
    ])
    expect(listed.rows()).toMatchObject([{ id }])
  })

  test('input from a file, from a pipe and as text, flags over it', async () => {
    await writeFile(path.join(home.directory, 'tasks.json'), JSON.stringify([{ title: 'a' }, { title: 'b' }]))
    const many = await home.run(['tasks', 'create-many', '--project-id', projectId, '--tasks', '@tasks.json'])
    expect(many.json()).toMatchObject({ data: [{ title: 'a' }, { title: 'b' }] })
    const input = JSON.stringify({ projectId, title: 'piped', status: 'done' })
    const piped = await home.run(['tasks', 'create', '--json', '-', '--title', 'over'], { input })
    expect(piped.json()).toMatchObject({ title: 'over', status: 'done' })
    const inline = await home.run(['tasks.create', '--json', input])
    expect(inline.json()).toMatchObject({ title: 'piped' })
  })

  test('lists of values by repetition', async () => {
    const args = ['api-keys', 'create', '--name', 'ci', '--scopes', 'tasks:read', '--scopes', 'projects:read']
    const ran = await home.run(args)
    expect(ran.code).toBe(0)
    expect(ran.json()).toMatchObject({ scopes: ['tasks:read', 'projects:read'] })
    const allowed = await home.run(['tasks', 'list', projectId], {
      env: { PLINTH_API_KEY: textOf(ran.json(), 'key') },
    })
    expect(allowed.code).toBe(0)
    const write = ['tasks', 'create', '--project-id', projectId, '--title', 'x']
    const refused = await home.run(write, { env: { PLINTH_API_KEY: textOf(ran.json(), 'key') } })
    expect(refused).toMatchObject({ code: 4, out: '' })
    expect(refused.err).toContain('FORBIDDEN (SCOPE_MISSING)')
  })

  test('a table on demand: ids whole, control characters shown as what they are', async () => {
    const id = await newTask('\u001b[31mred\u202e')
    const ran = await home.run(['tasks', 'list', projectId, '-o', 'table', '--search', 'red'])
    expect(ran.out).toContain(id)
    expect(ran.out).toContain('�[31mred�')
    expect(ran.out).not.toContain('\u001b')
  })

  test('every page, a row per line, as far as wanted', async () => {
    const made = await home.run(['projects', 'create', '--name', 'Pages', '--slug', 'pages'])
    const pages = textOf(made.json(), 'id')
    const tasks = Array.from({ length: 7 }, (_, index) => ({ title: `t${index}` }))
    await mutate(server.baseUrl, 'tasks.createMany', { projectId: pages, tasks }, { token: ada.token })
    const all = await home.run(['tasks', 'list', pages, '--all', '--limit', '3', '--sort', 'title'])
    expect(all.rows().map((row) => textOf(row, 'title'))).toEqual(['t0', 't1', 't2', 't3', 't4', 't5', 't6'])
    expect((await home.run(['tasks', 'list', pages, '--all', '--max-rows', '4'])).rows()).toHaveLength(4)
    expect(await home.run(['tasks', 'list', pages, '--all', '-o', 'table'])).toMatchObject({
      code: 2,
      out: '',
    })
  })

  test('a reader that goes away ends it quietly', async () => {
    const ran = await home.bash(`plinth tasks list ${projectId} --all | head -1; echo "$?"`)
    expect(ran.out.trim().split('\n')).toHaveLength(2)
    expect(ran.err).toBe('')
  })

  test('--dry-run shows the call and sends nothing', async () => {
    const before = await server.database.prisma.task.count()
    const ran = await home.run(['tasks', 'create', '--project-id', projectId, '--title', 'dry', '--dry-run'])
    expect(ran).toMatchObject({ code: 0, err: 'Nothing was sent.\n' })
    expect(ran.json()).toMatchObject({
      dryRun: true,
      procedure: 'tasks.create',
      server: server.baseUrl,
      as: ada.email,
      input: { projectId, title: 'dry' },
    })
    expect(await server.database.prisma.task.count()).toBe(before)
  })

  test('one idempotency key, one task', async () => {
    const args = [
      'tasks',
      'create',
      '--project-id',
      projectId,
      '--title',
      'once',
      '--idempotency-key',
      'once-1',
    ]
    const [one, two] = [await home.run(args), await home.run(args)]
    expect(two.json()).toEqual(one.json())
  })

  test('--verbose names each request and its trace id', async () => {
    const ran = await home.run(['users', 'me', '--verbose', '--quiet'])
    expect(ran.err).toMatch(
      /^GET http:\/\/127\.0\.0\.1:\d+\/trpc\/users\.me → 200 in \d+ ms, trace id [\w-]+\n$/,
    )
  })
})

describe('what is refused', () => {
  test('input, before it is sent, naming flags', async () => {
    const ran = await home.run(['tasks', 'create', '--project-id', 'no-uuid', '--json', '{"nope":1}'])
    expect(ran).toMatchObject({ code: 2, out: '' })
    expect(ran.err.split('\n')).toEqual([
      'error tasks create: the input is not valid; nothing was sent.',
      '  --title: This is missing.',
      '  nope: There is no such field.',
      '  --project-id: Give a UUID.',
      '  plinth tasks create --help shows what it takes.',
      '',
    ])
  })

  test.each([
    [['tasks', 'create', '--titel', 'x'], 'Did you mean --title?'],
    [['tasks', 'lst'], 'Did you mean: plinth tasks list'],
    [['tasksk'], 'Did you mean: plinth tasks'],
    [['tasks', 'list', '--status', 'open'], '--status is one of: todo, doing, done; not “open”.'],
    [['tasks', 'list', '--limit', 'ten'], '--limit is a whole number; not “ten”.'],
    [['tasks', 'create', '--title', '--status', 'done'], '--title needs a value'],
    [['tasks', 'create', '--json', '{'], '--json: this is not JSON'],
    [['tasks', 'create', '--json', '@missing.json'], 'missing.json cannot be read'],
    [['users', 'me', '--output', 'xml'], '--output is json, table, ndjson'],
    [['tasks', 'get', 'a', 'b'], '“b” stands alone'],
  ])('%j: %s', async (args, message) => {
    const ran = await home.run(args)
    expect(ran).toMatchObject({ code: 2, out: '' })
    expect(ran.err).toContain(message)
  })

  test('by the server: code, reason, field, advice, trace id; an exit code for each', async () => {
    const taken = await home.run(['projects', 'create', '--name', 'E', '--slug', 'engine'])
    expect(taken).toMatchObject({ code: 6, out: '' })
    expect(taken.err).toMatch(
      /^error CONFLICT \(SLUG_TAKEN\) The slug is taken\.\n {2}slug: .*\n {2}trace id \S+\n$/s,
    )
    const nothing = '0199f3a0-5b7e-7cc3-9a1e-2f64c1f0a7d1'
    expect(await home.run(['tasks', 'get', nothing])).toMatchObject({ code: 5, out: '' })
    expect(await home.run(['users', 'list'])).toMatchObject({ code: 4, out: '' })
    const both = await home.run(['tasks', 'list', projectId, '--page', '1', '--cursor', 'abc'])
    expect(both).toMatchObject({ code: 2, out: '' })
    expect(both.err).toContain('page: Give either a cursor or a page, not both.')
  })

  test('what takes something away, where nobody can be asked', async () => {
    const id = await newTask('Stays')
    const asked = await home.run(['tasks', 'delete', id])
    expect(asked).toMatchObject({ code: 2, out: '' })
    expect(asked.err).toContain('--yes')
    expect((await query(server.baseUrl, 'tasks.get', { id }, { token: ada.token })).status).toBe(200)
    expect(await home.run(['tasks', 'delete', id, '--yes'])).toMatchObject({ code: 0 })
    expect((await query(server.baseUrl, 'tasks.get', { id }, { token: ada.token })).status).toBe(404)
  })

  test('a secret on the command line', async () => {
    const ran = await home.run(['auth', 'change-password', '--new-password', 'secret words'])
    expect(ran).toMatchObject({ code: 2, out: '' })
    expect(ran.err).toContain('--new-password is a secret')
    expect(ran.err).not.toContain('secret words')
    const missing = await home.run(['auth', 'change-password'])
    expect(missing.err).toContain('newPassword: This is missing. It is asked for on a terminal')
  })
})

describe('files and jobs', () => {
  test('an upload, from the disk', async () => {
    await writeFile(path.join(home.directory, 'notes.txt'), 'some notes')
    const ran = await home.run(['files', 'upload', '--file', 'notes.txt', '--project-id', projectId])
    expect(ran.err).toBe('')
    expect(ran.json()).toMatchObject({ name: 'notes.txt', bytes: 10, projectId })
    const missing = await home.run(['files', 'upload', '--file', 'none.txt'])
    expect(missing).toMatchObject({ code: 2, out: '' })
    expect(await home.run(['files', 'upload', '--file', '.'])).toMatchObject({ code: 2, out: '' })
    expect(await home.run(['files', 'upload'])).toMatchObject({ code: 2, out: '' })
  })

  test('a job, waited for and not', async () => {
    const waited = await home.run(['reports', 'generate', projectId, '--wait'])
    expect(waited).toMatchObject({ code: 0, err: '' })
    const report = await home.run(['reports', 'get', textOf(waited.json(), 'reportId')])
    expect(report.json()).toMatchObject({ state: 'succeeded', projectId })
    const begun = await home.run(['reports', 'generate', projectId])
    expect(begun.json()).toMatchObject({ jobId: expect.any(String) })
  })
})

describe('help and completion', () => {
  test('help goes to stdout; a group alone says what there is, and fails', async () => {
    const root = await home.run(['--help'])
    expect(root).toMatchObject({ code: 0, err: '' })
    expect(root.out).toContain('tasks')
    expect(await home.run(['help', 'tasks'])).toMatchObject({ code: 0, err: '' })
    expect(await home.run(['tasks'])).toMatchObject({ code: 2, out: '' })
    const { out } = await home.run(['tasks', 'create', '--help'])
    expect(out).toContain('Create a task in a project.')
    expect(out).toMatch(/--status <choice> +One of: todo, doing, done\. \(default "todo"\)/)
    expect(out).toMatch(/--title <text> .*\(required\)/)
  })

  test('bash completes names, flags, values and files', async () => {
    await writeFile(path.join(home.directory, 'completed.json'), '[]')
    const script = `eval "$(plinth completion bash)"
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _plinth; echo "\${COMPREPLY[*]}"; }
      try plinth ta
      try plinth projects members se
      try plinth tasks create --pri
      try plinth tasks create --status d
      try plinth tasks list --status=d
      try plinth tasks create-many --tasks @comp
      try plinth completion f`
    const { out, err } = await home.bash(script)
    expect(err).toBe('')
    expect(out.split('\n').map((line) => line.trim())).toEqual([
      'tasks',
      'set-role',
      '--priority',
      'doing done',
      '--status=doing --status=done',
      '@completed.json',
      'fish',
      '',
    ])
  })

  test('the scripts of other shells, where they are installed', async () => {
    const checks = { zsh: 'zsh -n', fish: 'fish --no-execute' }
    for (const [shell, check] of Object.entries(checks)) {
      const line = `command -v ${shell} >/dev/null || exit 0; plinth completion ${shell} > c.${shell} && ${check} c.${shell}`
      expect(await home.bash(line)).toMatchObject({ code: 0, err: '' })
    }
    expect(await home.run(['completion', 'powershell'])).toMatchObject({ code: 2, out: '' })
  })
})
