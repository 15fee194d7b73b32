import { usePlinth } from '@plinth/client/react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Failure } from './failure.tsx'
import { LogIn } from './log-in.tsx'
import { Projects } from './projects.tsx'
import { Tasks } from './tasks.tsx'

/** Who is here decides what is shown. */
export function App() {
  const plinth = usePlinth()
  const me = useQuery(plinth.users.me.queryOptions(undefined, { staleTime: Infinity }))
  if (me.isPending) return <p className="center quiet">One moment…</p>
  if (me.isError) return me.error.code === 'UNAUTHORIZED' ? <LogIn /> : <Failure error={me.error} />
  return <Workspace name={me.data.fullName} />
}

function Workspace({ name }: { name: string }) {
  const plinth = usePlinth()
  const cache = useQueryClient()
  const [projectId, setProjectId] = useState<string>()
  const logOut = useMutation(plinth.auth.logout.mutationOptions({ onSettled: () => cache.resetQueries() }))
  return (
    <div className="workspace">
      <aside>
        <Projects chosen={projectId} onChoose={setProjectId} />
        <footer>
          <span className="quiet">{name}</span>
          <button type="button" className="plain" onClick={() => logOut.mutate()}>
            Log out
          </button>
        </footer>
      </aside>
      <main>
        {projectId === undefined ? (
          <p className="center quiet">Choose a project, or make one.</p>
        ) : (
          <Tasks key={projectId} projectId={projectId} />
        )}
      </main>
    </div>
  )
}
