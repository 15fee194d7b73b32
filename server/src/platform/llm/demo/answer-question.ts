import { termsOf } from '../words/terms.ts'
import { type ChosenSentence, chooseSentences, questionTerms } from './choose-sentences.ts'
import type { Source } from './sources.ts'

const MOST_SENTENCES = 5
/** A question with fewer telling words leans on the one before: "And why?" */
const SELF_CONTAINED = 3

/** What is asked: the question, and the one before it. */
export interface Question {
  readonly text: string
  readonly earlier: string | undefined
}

/**
 * Answers from the sources, each sentence with the mark of its source; says plainly when they do not answer.
 * @param cite how a source is cited: its mark unless given
 */
export function answerQuestion(
  question: Question,
  sources: readonly Source[],
  cite: (source: Source) => string = (source) => source.mark,
): string {
  const leans = termsOf(question.text).length < SELF_CONTAINED
  const asked = questionTerms(question.text, leans ? question.earlier : undefined)
  const chosen = chooseSentences(question.text, asked, sources, MOST_SENTENCES)
  if (chosen.length === 0) return nothingFound(sources.length)
  return paragraphs(chosen)
    .map((paragraph) => paragraph.map(({ text, source }) => `${text} ${cite(source)}`).join(' '))
    .join('\n\n')
}

function nothingFound(count: number): string {
  const looked = count === 1 ? 'the one passage' : `the ${count} passages`
  return `Nothing in ${looked} I was given answers this. Ask in other words, or add a document that does.`
}

/** Sentences of one source stand together. */
function paragraphs(chosen: readonly ChosenSentence[]): ChosenSentence[][] {
  const all: ChosenSentence[][] = []
  for (const sentence of chosen) {
    const last = all.at(-1)
    if (last?.[0]?.source === sentence.source) last.push(sentence)
    else all.push([sentence])
  }
  return all
}
