/** Announced when something of knowledge bases was taken away whose remains have to be cleaned up. */
export const KNOWLEDGE_GONE_TOPIC = 'knowledge.gone'
