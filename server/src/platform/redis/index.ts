export { createRedisConnection, type RedisConnection } from './redis-connection.ts'
