/** Calls a handler of the user. What it throws is an uncaught error of theirs, and disturbs nothing here. */
export function callHandler(work: () => void): void {
  try {
    work()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
