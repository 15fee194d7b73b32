import { setTimeout as delay } from 'node:timers/promises'
import type { Fault, Stage } from './fault.ts'

interface Trouble {
  readonly title: string
  begin(stage: Stage): Promise<unknown>
  end(stage: Stage): Promise<unknown>
}

const TROUBLES: readonly Trouble[] = [
  {
    title: 'killed, later replaced by an empty one',
    begin: ({ fleet }) => fleet.redis.signal('SIGKILL'),
    end: ({ fleet }) => fleet.redis.start(),
  },
  {
    title: 'frozen',
    begin: ({ fleet }) => fleet.redis.signal('SIGSTOP'),
    end: ({ fleet }) => fleet.redis.signal('SIGCONT'),
  },
  {
    title: 'out of memory',
    begin: async ({ fleet }) => {
      await fleet.redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
      await fleet.redis.command('CONFIG', 'SET', 'maxmemory', '1mb')
    },
    end: ({ fleet }) => fleet.redis.command('CONFIG', 'SET', 'maxmemory', '0'),
  },
  {
    title: 'emptied',
    begin: ({ fleet }) => fleet.redis.command('FLUSHALL'),
    end: async () => {},
  },
]

/** F11: Redis is gone, hangs, is full, or has forgotten everything. */
export const breakRedis: Fault = {
  id: 'F11',
  title: 'Redis killed, frozen, full, emptied',
  async strike(stage) {
    for (const trouble of TROUBLES) {
      await trouble.begin(stage)
      await delay(stage.pace === 'full' ? 30_000 : 1_000)
      await trouble.end(stage)
    }
  },
}
