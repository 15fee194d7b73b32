import { isCommonPassword } from './common-passwords.ts'

/** Letters that must be left when everything obvious is taken out. */
const MIN_OWN_LETTERS = 4
const MIN_WORD = 3
const LONGEST_REPEATED_UNIT = 6
const SEQUENCES = [
  '0123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertyuiop',
  'asdfghjkl',
]

/** What a password must not be made of: names of the product and of the person. */
export interface PasswordOwner {
  readonly appName: string
  readonly email: string
  readonly fullName: string
}

/** Why a password is too easy to guess, or undefined. */
export function weaknessOf(password: string, owner: PasswordOwner): string | undefined {
  const text = password.normalize('NFC').toLowerCase()
  const core = text.replace(/^[^\p{L}\s]+|[^\p{L}\s]+$/gu, '')
  if (isCommonPassword(text) || (core !== '' && isCommonPassword(core))) {
    return 'it is one of the most used passwords, or one with digits around it.'
  }
  if (isRepetition(text)) return 'it repeats the same few characters.'
  if (isSequence(text)) return 'it follows the alphabet, the digits or the keyboard.'
  if (isMadeOfNames(text, owner)) return 'it is made of your name, your address or the name of this product.'
  return undefined
}

function isRepetition(text: string): boolean {
  const points = [...text]
  for (let unit = 1; unit <= Math.min(LONGEST_REPEATED_UNIT, points.length / 2); unit += 1) {
    if (points.every((point, index) => point === points[index % unit])) return true
  }
  return false
}

function isSequence(text: string): boolean {
  const backwards = [...text].reverse().join('')
  return SEQUENCES.some((sequence) => {
    const endless = sequence.repeat(Math.ceil(text.length / sequence.length) + 1)
    return endless.includes(text) || endless.includes(backwards)
  })
}

/** Takes the names out, then everything that is no letter: too little of its own must not be left. */
function isMadeOfNames(text: string, { appName, email, fullName }: PasswordOwner): boolean {
  const words = [appName, 'plinth', 'password', email, fullName]
    .flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)])
    .map((word) => word.normalize('NFC').toLowerCase())
    .filter((word) => word.length >= MIN_WORD)
    .sort((a, b) => b.length - a.length)
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), text)
  return rest !== text && rest.replace(/[^\p{L}]/gu, '').length < MIN_OWN_LETTERS
}
