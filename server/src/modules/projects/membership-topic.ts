/** The bus topic that says who can see a project has changed: a member was removed or the project deleted. */
export function membershipTopic(projectId: string): string {
  return `membership:${projectId}`
}
