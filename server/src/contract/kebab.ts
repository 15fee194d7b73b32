/** `dueAt` → `due-at`, `userID` → `user-id`: a name of a procedure or field as addresses and command lines spell it. */
export function kebab(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
}
