/** A message of the conversation so far, oldest first. */
export interface PastMessage {
  readonly id: string
  readonly role: 'user' | 'assistant'
  readonly state: string
  readonly text: string
  /** Of a reply: what it answers. */
  readonly answersId: string | null
}

/** A question that was answered. */
export interface Turn {
  readonly question: string
  readonly answer: string
}

/**
 * The conversation as questions with their last good answers. What failed or was never answered says nothing to a
 * model; the numbers of former sources mean others now.
 */
export function turnsOf(messages: readonly PastMessage[]): Turn[] {
  const answers = new Map<string, string>()
  for (const { role, state, text, answersId } of messages) {
    const isGood = role === 'assistant' && (state === 'done' || state === 'stopped') && text.trim() !== ''
    if (isGood && answersId !== null) answers.set(answersId, text.replace(/ ?\[\d{1,4}\]/g, ''))
  }
  return messages.flatMap(({ id, role, text }) => {
    const answer = answers.get(id)
    return role === 'user' && answer !== undefined ? [{ question: text, answer }] : []
  })
}
