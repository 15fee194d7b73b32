/** Everybody's statistics: for changes that touch those of people nobody wants to list, such as a deleted project. */
export const ALL_STATS = 'stats'

/** The cache tag of a user's statistics. */
export function statsTag(userId: string): string {
  return `stats:${userId}`
}

/** The cache tags of the statistics of these users, each once; null is nobody. */
export function statsTags(userIds: Iterable<string | null>): string[] {
  return [...new Set(userIds)].flatMap((id) => (id === null ? [] : statsTag(id)))
}
