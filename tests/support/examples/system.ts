import type { ExampleFactory } from './example.ts'

/** Examples of `system.*`. */
export const systemExamples: Record<string, ExampleFactory> = {
  'system.ping': async () => ({ input: undefined }),
}
