import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { ClientEvidence, type Order, Report, type StartOrder } from './messages.ts'

const PROCESS = path.join(import.meta.dirname, 'clients-process.ts')

/** The clients of the main job, seen from the harness. `await using` ends their process. */
export interface Clients extends AsyncDisposable {
  /** Lets them finish; resolves with their projects when every outcome is known. */
  finish(): Promise<readonly string[]>
  /** What they know once they have seen the last event of each project. */
  report(lastEvents: Record<string, string>): Promise<ClientEvidence>
}

/** Starts them; resolves when all are working. */
export async function startClients(order: StartOrder): Promise<Clients> {
  const child = fork(PROCESS, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const gone = new AbortController()
  child.once('exit', () => gone.abort(new Error('The process of the clients ended before its work was done')))
  const ask = async <Type extends Report['type']>(
    message: Order,
    type: Type,
  ): Promise<Extract<Report, { type: Type }>> => {
    const answered = once(child, 'message', { signal: gone.signal }).catch(() => {
      throw gone.signal.reason
    })
    child.send(message)
    const [answer] = await answered
    const report = Report.parse(answer)
    if (!isOf(report, type)) throw new Error(`The clients said ${report.type} instead of ${type}`)
    return report
  }
  await ask({ type: 'start', order }, 'working')
  return {
    finish: async () => (await ask({ type: 'finish' }, 'finished')).projects,
    async report(lastEvents) {
      const { file } = await ask({ type: 'report', lastEvents }, 'evidence')
      return ClientEvidence.parse(JSON.parse(await readFile(file, 'utf8')))
    },
    async [Symbol.asyncDispose]() {
      if (gone.signal.aborted) return
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
  }
}

function isOf<Type extends Report['type']>(
  report: Report,
  type: Type,
): report is Extract<Report, { type: Type }> {
  return report.type === type
}
