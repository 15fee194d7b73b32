import { usePlinth, usePlinthClient } from '@plinth/client/react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Failure } from './failure.tsx'

/** The files of a project, and a way to add one that shows how far it is. */
export function Files({ projectId }: { projectId: string }) {
  const plinth = usePlinth()
  const client = usePlinthClient()
  const [share, setShare] = useState<number>()
  const files = useQuery(plinth.files.list.queryOptions({ projectId, limit: 5 }))
  const upload = useMutation(
    plinth.files.upload.mutationOptions({
      call: { onUploadProgress: ({ sent, total }) => setShare(sent / total) },
      onSettled: (_file, _error, _input, _shown, { client: cache }) =>
        cache.invalidateQueries(plinth.files.list.pathFilter()),
    }),
  )

  async function open(id: string) {
    const { url } = await client.files.link.query({ id })
    window.open(url, '_blank', 'noopener')
  }

  return (
    <div className="tool">
      <label className="button second">
        Add a file
        <input
          type="file"
          hidden
          onChange={({ target }) => {
            const file = target.files?.[0]
            setShare(0)
            if (file !== undefined) upload.mutate({ projectId, file })
            target.value = ''
          }}
        />
      </label>
      {upload.isPending && <progress aria-label="Upload" value={share} max={1} />}
      <Failure error={upload.error} />
      <ul className="files" aria-label="Files">
        {files.data?.data.map(({ id, name, bytes }) => (
          <li key={id}>
            <button type="button" className="plain" onClick={() => void open(id)}>
              {name}
            </button>
            <span className="quiet">{(bytes / 1024).toFixed(0)} kB</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
