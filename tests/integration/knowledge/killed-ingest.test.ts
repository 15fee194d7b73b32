import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import {
  createBase,
  foundTexts,
  getDocument,
  settled,
  uploadDocument,
  vectorsOf,
} from '../../api/knowledge/support.ts'
import { rowOf } from '../../support/jobs.ts'
import { addPerson } from '../../support/people.ts'
import { startServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'

const RESCUE_MS = 30_000
const CHUNKS = 200

interface Worker extends AsyncDisposable {
  readonly child: ChildProcess
  said(line: string): Promise<true>
}

async function startWorker(env: NodeJS.ProcessEnv): Promise<Worker> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'worker-process.ts')], {
    env: { PATH: process.env.PATH, NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const said = (line: string) =>
    until(`the worker says ${line}`, () => output.split('\n').includes(line) || undefined, RESCUE_MS)
  await said('ready')
  return {
    child,
    said,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

test('a document whose worker is killed half-way is found once another has taken it in, whole', {
  timeout: 120_000,
}, async () => {
  const files = await mkdtemp(path.join(tmpdir(), 'plinth-killed-ingest-'))
  await using server = await startServer({ variables: { PLINTH_ROLE: 'api', STORAGE_DIRECTORY: files } })
  const env = { DATABASE_URL: server.database.connectionString, STORAGE_DIRECTORY: files }
  const { token } = await addPerson(server, 'ada')
  const baseId = await createBase(server, token)
  await using doomed = await startWorker({ ...env, DOOMED: 'yes' })
  const text = Array.from({ length: CHUNKS }, (_, index) => `# Part ${index}\n\nWords of it.\n`).join('\n')
  const { id, jobId } = await uploadDocument(server, token, baseId, new File([text], 'book.md'))
  await doomed.said('held')
  await using _rescuer = await startWorker(env)
  doomed.child.kill('SIGKILL')
  expect(await getDocument(server, token, id)).toMatchObject({ status: 'processing', foundVersion: null })
  expect(await foundTexts(server, baseId)).toEqual([])

  expect(await settled(server, token, id, RESCUE_MS)).toMatchObject({ status: 'ready', chunks: CHUNKS })
  expect(await rowOf(server, jobId)).toMatchObject({ state: 'succeeded', attempt: 2 })
  expect(await foundTexts(server, baseId)).toHaveLength(CHUNKS)
  expect(await vectorsOf(server, baseId)).toEqual([CHUNKS])
  await rm(files, { recursive: true, force: true })
})
