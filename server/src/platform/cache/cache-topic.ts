/** Says on the bus that what carries a tag is not true any more; the payload is the tag. */
export const CACHE_TOPIC = 'cache'
