import type { PlinthError } from '@plinth/client'

/** What went wrong, field by field, with the id to give to whoever runs the server. */
export function Failure({ error }: { error: PlinthError | null }) {
  if (error === null) return null
  return (
    <div className="failure" role="alert">
      <p>{error.code === 'NETWORK_ERROR' ? 'The server cannot be reached.' : error.message}</p>
      {error.issues.length > 0 && (
        <ul>
          {error.issues.map(({ field, message }) => (
            <li key={`${field} ${message}`}>
              <b>{field}</b> {message}
            </li>
          ))}
        </ul>
      )}
      {error.traceId !== undefined && <code>trace {error.traceId}</code>}
    </div>
  )
}
