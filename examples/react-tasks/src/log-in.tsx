import { usePlinth } from '@plinth/client/react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Failure } from './failure.tsx'

/** Logs in, or makes an account. The client keeps the tokens; what is left is to ask again who is here. */
export function LogIn() {
  const plinth = usePlinth()
  const cache = useQueryClient()
  const [isNew, setIsNew] = useState(false)
  const onSuccess = () => cache.resetQueries()
  const logIn = useMutation(plinth.auth.login.mutationOptions({ onSuccess }))
  const register = useMutation(plinth.auth.register.mutationOptions({ onSuccess }))
  const asked = isNew ? register : logIn

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '')
    const account = { email: text('email'), password: text('password') }
    if (isNew) register.mutate({ ...account, fullName: text('fullName') })
    else logIn.mutate(account)
  }

  return (
    <form className="card" onSubmit={submit}>
      <h1>{isNew ? 'Make an account' : 'Log in'}</h1>
      {isNew && (
        <label>
          Name
          <input name="fullName" autoComplete="name" required />
        </label>
      )}
      <label>
        E-mail
        <input name="email" type="email" autoComplete="email" required />
      </label>
      <label>
        Password
        <input
          name="password"
          type="password"
          autoComplete={isNew ? 'new-password' : 'current-password'}
          required
        />
      </label>
      <Failure error={asked.error} />
      <button type="submit" disabled={asked.isPending}>
        {isNew ? 'Make an account' : 'Log in'}
      </button>
      <button type="button" className="plain" onClick={() => setIsNew(!isNew)}>
        {isNew ? 'I have an account' : 'I am new here'}
      </button>
    </form>
  )
}
