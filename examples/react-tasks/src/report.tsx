import { type JobProgress, PlinthError } from '@plinth/client'
import { usePlinth, usePlinthClient } from '@plinth/client/react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Failure } from './failure.tsx'

/** Starts a job, shows how far it is, and gives what it made. */
export function Report({ projectId }: { projectId: string }) {
  const plinth = usePlinth()
  const client = usePlinthClient()
  const [progress, setProgress] = useState<JobProgress>()
  const [url, setUrl] = useState<string>()
  const [failure, setFailure] = useState<PlinthError>()
  const generate = useMutation(
    plinth.reports.generate.mutationOptions({
      onMutate: () => {
        setProgress(undefined)
        setUrl(undefined)
        setFailure(undefined)
      },
      onSuccess: async (job) => {
        const shown = showProgress(job.progress())
        const { csvFileId } = await job.result()
        await shown
        setUrl((await client.files.link.query({ id: csvFileId })).url)
      },
    }),
  )

  async function showProgress(steps: AsyncIterable<JobProgress>) {
    for await (const step of steps) setProgress(step)
  }

  const start = () =>
    generate.mutate(
      { projectId },
      { onError: (error) => setFailure(error instanceof PlinthError ? error : undefined) },
    )

  return (
    <div className="tool">
      <button type="button" className="second" onClick={start} disabled={generate.isPending}>
        {generate.isPending ? 'Making the report…' : 'Make a report'}
      </button>
      {generate.isPending && (
        <progress aria-label="Report" value={progress?.current} max={progress?.total ?? 1} />
      )}
      {url !== undefined && (
        <a href={url} download>
          Download the report
        </a>
      )}
      <Failure error={failure ?? null} />
    </div>
  )
}
