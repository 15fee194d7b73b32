import { writeFileSync } from 'node:fs'

/**
 * A vitest reporter that writes how many tests passed, failed and were skipped to the file `PLINTH_TEST_COUNTS`
 * names. A file that cannot be loaded and an error outside any test count as one failure each.
 */
export default class CountReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} strayErrors
   */
  onTestRunEnd(modules, strayErrors) {
    const counts = { passed: 0, failed: strayErrors.length, skipped: 0 }
    for (const module of modules) {
      let own = 0
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state === 'pending' ? 'skipped' : state] += 1
        own += state === 'failed' ? 1 : 0
      }
      if (own === 0 && module.state() === 'failed') counts.failed += 1
    }
    const file = process.env.PLINTH_TEST_COUNTS
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts))
  }
}
