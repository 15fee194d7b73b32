/** Digits after the point of prices: US dollars per million tokens. */
const PRICE_DIGITS = 6
/** Digits after the point of costs: US dollars. */
const COST_DIGITS = 9
const DECIMAL = /^(\d+)(?:\.(\d+))?$/
/** A price has six digits and is for a million tokens, so tokens times price has twelve; three more than a cost. */
const BEYOND_COST = 1_000n

/** What a model costs, in US dollars per million tokens, as decimal texts. */
export interface PerMillion {
  readonly inputPerMillion: string
  readonly outputPerMillion: string
}

/** How many tokens went each way. */
export interface Tokens {
  readonly inputTokens: number
  readonly outputTokens: number
}

/**
 * What `tokens` cost at `price`, in US dollars as a decimal text: exact, then rounded half up to a billionth of a
 * dollar. Nothing without a price.
 */
export function costOf(price: PerMillion | undefined, { inputTokens, outputTokens }: Tokens): string {
  if (price === undefined) return '0'
  const exact =
    BigInt(inputTokens) * unitsOf(price.inputPerMillion, PRICE_DIGITS) +
    BigInt(outputTokens) * unitsOf(price.outputPerMillion, PRICE_DIGITS)
  return decimalOf((exact + BEYOND_COST / 2n) / BEYOND_COST, COST_DIGITS)
}

/** A decimal as databases write it, without the zeros that say nothing: `1.250000` is `1.25`. */
export function plainDecimal(text: string): string {
  return decimalOf(unitsOf(text, COST_DIGITS), COST_DIGITS)
}

/** `a` minus `b`, and zero where that would be less. */
export function decimalLeft(a: string, b: string): string {
  const left = unitsOf(a, COST_DIGITS) - unitsOf(b, COST_DIGITS)
  return decimalOf(left < 0n ? 0n : left, COST_DIGITS)
}

/** Whether `a` is more than `b`. */
export function moreThan(a: string, b: string): boolean {
  return unitsOf(a, COST_DIGITS) > unitsOf(b, COST_DIGITS)
}

/** A decimal text as a whole number of its last digit. @throws Error for what is none, or has more digits */
function unitsOf(text: string, digits: number): bigint {
  const [, whole, fraction = ''] = DECIMAL.exec(text) ?? []
  if (whole === undefined || fraction.length > digits) throw new Error(`Not a decimal of ${digits} digits`)
  return BigInt(whole + fraction.padEnd(digits, '0'))
}

function decimalOf(units: bigint, digits: number): string {
  const text = units.toString().padStart(digits + 1, '0')
  const fraction = text.slice(-digits).replace(/0+$/, '')
  return fraction === '' ? text.slice(0, -digits) : `${text.slice(0, -digits)}.${fraction}`
}
