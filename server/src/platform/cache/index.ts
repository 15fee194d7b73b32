export { type Cache, type CacheOptions, createCache } from './cache.ts'
export { CACHE_TOPIC } from './cache-topic.ts'
