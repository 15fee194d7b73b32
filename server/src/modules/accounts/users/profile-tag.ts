/** The tag of what is kept of a user's profile: name, preferences. */
export function profileTag(userId: string): string {
  return `users.profile ${userId}`
}
