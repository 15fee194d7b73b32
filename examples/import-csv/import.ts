import { basename } from 'node:path'
import { createClient } from '@plinth/client'
import { signIn } from './lib/account.ts'
import { compare } from './lib/compare.ts'
import { readRows } from './lib/csv.ts'
import { explain } from './lib/explain.ts'
import { type Options, readOptions } from './lib/options.ts'
import { createOutput, duration } from './lib/output.ts'
import { getOrCreateProject } from './lib/project.ts'
import { readByCursor, readByPage } from './lib/read-back.ts'
import { writeReport } from './lib/report.ts'
import { refuseStranger } from './lib/stranger.ts'
import { importTasks } from './lib/upload.ts'
import { watchTasks } from './lib/watch.ts'

/** A server that is restarted is back within seconds; every call is tried again until this is over. */
const PATIENCE_MS = 120_000

/** Imports a CSV file and then proves, from the outside, that every row is there exactly once. */
async function main({ file, baseUrl, title, email, password, project: slug, chunk, report }: Options) {
  const output = createOutput(process.stdout)
  const started = performance.now()
  output.line(`${basename(file)} → ${baseUrl}\n`)

  const { rows, titleColumn } = await output.step('read', async (done) => {
    const read = await readRows(file, title)
    done(`${read.rows.length} rows; the title is "${read.titleColumn}"`)
    return read
  })

  const client = createClient({
    baseUrl,
    timeoutMs: PATIENCE_MS,
    retry: { attempts: 200, baseDelayMs: 200, maxDelayMs: 1_000 },
  })
  const account = await output.step('account', async (done) => {
    const signedIn = await signIn(client, { email, password })
    done(signedIn.isNew ? `${signedIn.email}, new` : signedIn.email)
    return signedIn
  })
  const project = await output.step('project', async (done) => {
    const found = await getOrCreateProject(client, slug, basename(file))
    done(`${found.project.slug}, ${found.isNew ? 'new' : 'there already'}`)
    return found.project
  })

  using watch = watchTasks(client, project.id)
  const created = await output.step('import', async (done) => {
    const { tasks, requests } = await importTasks(client, project.id, rows, chunk, output.progress)
    done(`${tasks.length} tasks in ${requests} requests`)
    return tasks
  })
  await output.step('events', async (done) => {
    await watch.waitFor(created, output.progress)
    const back = watch.reconnections === 0 ? '' : `, the connection came back ${watch.reconnections}×`
    done(`${watch.arrived.length} arrived in order, none twice${back}`)
  })
  await output.step('by cursor', async (done) => {
    const { tasks, requests } = await readByCursor(client, project.id)
    compare(rows, created, tasks)
    done(`${tasks.length} tasks in ${requests} pages, each row once`)
  })
  await output.step('by page', async (done) => {
    const { tasks, requests } = await readByPage(client, project.id)
    compare(rows, created, tasks)
    done(`${tasks.length} tasks in ${requests} pages, each row once`)
  })
  await output.step('stranger', async (done) => {
    done(`another account reads and writes: ${await refuseStranger(baseUrl, project.id)}`)
  })
  if (report !== undefined) await writeReport(report, { project, titleColumn, rows, created, watch })

  output.line(`\nDone in ${duration(performance.now() - started)}. Every row is a task, exactly once.`)
  if (account.isNew) {
    output.line(`Come back with --email ${account.email} --password ${account.password}`)
  }
}

try {
  await main(readOptions(process.argv.slice(2)))
} catch (error) {
  process.stderr.write(`\n${explain(error)}\n`)
  process.exitCode = 1
}
