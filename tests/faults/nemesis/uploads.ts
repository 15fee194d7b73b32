import * as sdk from '@plinth/client'
import { until } from '../../support/until.ts'
import { filesOnDisk } from '../checker/files.ts'
import { bytesFor } from '../workload/operations.ts'
import { registerPerson } from '../workload/people.ts'
import type { Fault, Stage } from './fault.ts'

const BYTES = 25_000_000
/** What a crash left half done is gone by then. */
const CLEAN_WITHIN_MS = 60_000

/** F3: the API is gone while a file comes in, early or late, and its client sends it again with the same key. */
export const killMidUpload: Fault = {
  id: 'F3',
  title: 'kill -9 of the API processes in the middle of an upload',
  together: true,
  async strike(stage) {
    const { fleet, random } = stage
    const { client } = await registerPerson({ sdk, baseUrl: fleet.baseUrl }, 'uploader')
    const share = random.pick([0.1, 0.5, 0.99])
    let killed = false
    const file = await client.files.upload.mutate(
      { file: new File([bytesFor(`upload ${share}`, BYTES)], 'large.bin') },
      {
        timeoutMs: CLEAN_WITHIN_MS,
        retry: { attempts: 30, maxDelayMs: 1_000 },
        onUploadProgress({ sent, total }) {
          if (killed || sent < total * share) return
          killed = true
          for (const api of fleet.apis) api.kill()
        },
      },
    )
    await fleet.ready()
    const kept = await client.files.list.query({})
    if (kept.data.length !== 1 || kept.data[0]?.id !== file.id) {
      stage.complain(`an upload cut at ${share} is there ${kept.data.length} times`)
    }
    stage.whenQuiet(() => expectFilesToBeRows(stage))
  },
}

/** Every file has a row, every row its file, and nothing half done is left. */
async function expectFilesToBeRows({ fleet, complain, note }: Stage): Promise<void> {
  const since = Date.now()
  const difference = async (): Promise<string> => {
    const rows = await fleet.postgres.query<{ id: string }>('SELECT id FROM files')
    const ids = new Set(rows.map(({ id }) => id))
    const onDisk = await filesOnDisk(fleet.storageFolder)
    const without = onDisk.filter((name) => !ids.delete(name))
    return without.length + ids.size === 0
      ? ''
      : `${without.length} files without a row, ${ids.size} rows without a file`
  }
  await until(
    'files are rows',
    async () => ((await difference()) === '' ? true : undefined),
    CLEAN_WITHIN_MS,
  ).catch(async () => complain(await difference()))
  note(`files are rows ${((Date.now() - since) / 1_000).toFixed(1)} s after all was quiet`)
}
