import { EventEmitter } from 'node:events'
import { PrismaPg } from '@prisma/adapter-pg'
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { isSocketUrl } from '../connection-string.ts'
import { openShadow } from './shadow.ts'

const CHAR_OID = 18
const TEXT_OID = 25

/** How the engine reaches `connectionString`, and an empty database to replay migrations in. */
export function engineAdapter(connectionString: string | undefined): object {
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    // The engine connects whatever it is asked; a diff between files is content with an empty database.
    connect: async () =>
      connectionString === undefined
        ? emptyDatabase()
        : wholeScripts(await new PrismaPg(enginePool(connectionString)).connect()),
    // The embedded database has no second one beside it.
    connectToShadowDb: async () =>
      connectionString === undefined || isSocketUrl(connectionString)
        ? emptyDatabase()
        : wholeScripts(await new PrismaPg(enginePool(connectionString)).connectToShadowDb()),
  }
  return bindMigrationAwareSqlAdapterFactory(factory)
}

async function emptyDatabase(): Promise<SqlDriverAdapter> {
  const shadow = await openShadow()
  const pool = enginePool(shadow.connectionString)
  return wholeScripts(await new PrismaPg(pool).connect(), async () => {
    await pool.end()
    await shadow.close()
  })
}

/**
 * `adapter` made to send a script as it is. By itself it cuts scripts at every semicolon, also at those inside
 * strings, comments and function bodies.
 */
function wholeScripts(
  adapter: Awaited<ReturnType<PrismaPg['connect']>>,
  afterDispose?: () => Promise<void>,
): SqlDriverAdapter {
  const overrides: Partial<SqlDriverAdapter> = {
    executeScript: async (script) => {
      await adapter.underlyingDriver().query(script)
    },
    dispose: async () => {
      await adapter.dispose()
      await afterDispose?.()
    },
  }
  return new Proxy(adapter, {
    get(target, name) {
      const member: unknown = Reflect.get(Reflect.has(overrides, name) ? overrides : target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

/** A pool whose answers the adapter can read: it has no mapping for the catalog's one-byte type `"char"`. */
function enginePool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 2, connectionTimeoutMillis: 10_000 })
  pool.on('connect', (client) => {
    if (!('connection' in client) || !(client.connection instanceof EventEmitter)) return
    client.connection.prependListener('rowDescription', (message: { fields: { dataTypeID: number }[] }) => {
      for (const field of message.fields) if (field.dataTypeID === CHAR_OID) field.dataTypeID = TEXT_OID
    })
  })
  return pool
}
