/**
 * An expected failure: what went wrong and what to do next. Shown without a stack.
 */
export class LauncherError extends Error {
  /**
   * @param {string} message what failed
   * @param {{ next: string, output?: string }} detail what the reader does now, and what the failing tool printed
   */
  constructor(message, { next, output = '' }) {
    super(message)
    this.name = 'LauncherError'
    this.next = next
    this.output = output
  }
}

/**
 * Runs one named step and prints a line with its duration when it is done. Throws what the step throws.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const started = performance.now()
  const result = await work()
  say(`✓ ${title} (${seconds(performance.now() - started)})`)
  return result
}

/**
 * Prints one line to standard error, so that a command's own output can be piped.
 *
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/**
 * Prints a failure in the order a reader needs it: the tool's output, what failed, what to do next.
 *
 * @param {unknown} error
 */
export function sayError(error) {
  if (!(error instanceof LauncherError)) {
    say(`✗ ${error instanceof Error ? error.stack : String(error)}`)
    return
  }
  if (error.output !== '') say(error.output.trimEnd())
  say(`✗ ${error.message}`)
  say(`  ${error.next}`)
}

/**
 * @param {number} milliseconds
 * @returns {string} seconds with one decimal, such as `8.1 s`
 */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
