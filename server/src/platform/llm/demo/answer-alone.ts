import { termsOf } from '../words/terms.ts'
import { answerQuestion, type Question } from './answer-question.ts'

const GREETING = /^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening)|greetings)\b/i
const THANKS = /^\W*(?:thanks|thank you|cheers|great|perfect)\b/i
const ABOUT_ITSELF = /\b(?:who|what) are you\b|\bwhat can you do\b|^\W*help\W*$/i
const ABOUT_CONVERSATION =
  /\b(?:did i (?:say|ask)|i (?:said|asked|told you)|my (?:first|last|previous|name)|earlier)\b/i

const SELF =
  'I am the demo model of this server: it needs no network and no key. I answer from documents, word for word and ' +
  'with the passage each sentence is from; I have no knowledge of my own.'
const WHAT_TO_DO =
  'Give this conversation a knowledge base with documents in it and ask about them. For free conversation, configure a ' +
  'provider with a key and choose one of its models.'

/** What to say where there are no sources: from what was said before, else what this model is and what it can do. */
export function answerAlone(question: Question, said: readonly string[]): string {
  const { text } = question
  if (GREETING.test(text) && termsOf(text).length <= 3) return `Hello. ${SELF} ${WHAT_TO_DO}`
  if (THANKS.test(text) && termsOf(text).length <= 3) return 'You are welcome. Ask on whenever you like.'
  if (ABOUT_ITSELF.test(text)) return `${SELF} ${WHAT_TO_DO}`
  if (ABOUT_CONVERSATION.test(text) && said.length > 0) return fromConversation(question, said)
  const about = topicOf(text)
  return `${about === '' ? '' : `You ask about ${about}, and no document was found on it. `}${SELF} ${WHAT_TO_DO}`
}

function fromConversation(question: Question, said: readonly string[]): string {
  const first = said[0]
  if (/\bfirst\b/i.test(question.text) && first !== undefined) return `You began with: “${first}”`
  const sources = said.map((text, index) => ({ mark: `(your message ${index + 1})`, title: '', text }))
  const answer = answerQuestion(question, sources)
  return answer.startsWith('Nothing in') ? `You said before: “${said.at(-1) ?? ''}”` : `You said: ${answer}`
}

const TOPIC_WORDS = 6

/** The telling words as they were written. */
function topicOf(text: string): string {
  return (text.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [])
    .filter((word) => termsOf(word).length > 0)
    .slice(0, TOPIC_WORDS)
    .join(' ')
}
