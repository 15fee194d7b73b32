import { usePlinth } from '@plinth/client/react'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { Failure } from './failure.tsx'

interface ProjectsProps {
  chosen: string | undefined
  onChoose: (id: string) => void
}

/** The projects of whoever is here, and a field for another. */
export function Projects({ chosen, onChoose }: ProjectsProps) {
  const plinth = usePlinth()
  const projects = useQuery(plinth.projects.list.queryOptions({ limit: 100 }))
  const create = useMutation(
    plinth.projects.create.mutationOptions({
      onSuccess: async (project, _input, _shown, { client }) => {
        onChoose(project.id)
        await client.invalidateQueries(plinth.projects.pathFilter())
      },
    }),
  )

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const name = String(new FormData(form).get('name') ?? '')
    const suffix = crypto.randomUUID().slice(0, 8)
    const slug = `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${suffix}`.replace(/^-/, '')
    create.mutate({ name, slug }, { onSuccess: () => form.reset() })
  }

  return (
    <nav aria-label="Projects">
      <h2>Projects</h2>
      <Failure error={projects.error} />
      <ul>
        {projects.data?.data.map(({ id, name }) => (
          <li key={id}>
            <button
              type="button"
              className="row"
              aria-current={id === chosen ? 'page' : undefined}
              onClick={() => onChoose(id)}
            >
              {name}
            </button>
          </li>
        ))}
      </ul>
      <form className="inline" onSubmit={submit}>
        <input name="name" aria-label="New project" placeholder="New project" required />
        <button type="submit" aria-label="Add project" disabled={create.isPending}>
          +
        </button>
      </form>
      <Failure error={create.error} />
    </nav>
  )
}
