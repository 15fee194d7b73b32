import { randomUUID } from 'node:crypto'
import type { ExampleFactory } from './example.ts'

/** Examples of `reports.*`. */
export const reportExamples: Record<string, ExampleFactory> = {
  'reports.generate': async (world) => ({ input: { projectId: (await world.project()).projectId } }),
  'reports.get': async (world) => {
    const { id } = await world.server.database.prisma.report.create({
      data: { projectId: world.alpha.projectId, jobId: randomUUID() },
    })
    return { input: { id } }
  },
  'reports.list': async (world) => ({ input: { projectId: world.alpha.projectId, limit: 5 } }),
}
