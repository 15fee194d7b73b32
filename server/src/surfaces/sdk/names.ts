/** `projects.members.add` → `ProjectsMembersAdd`, the start of every name printed for that procedure. */
export function pascalCase(path: string): string {
  return path
    .split('.')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('')
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

/** A property name as TypeScript writes it: quoted only where it must be. */
export function propertyKey(name: string): string {
  return IDENTIFIER.test(name) ? name : quoted(name)
}

/** A string literal in single quotes. */
export function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** Whether `name` can be the name of an exported type. */
export function isTypeName(name: string): boolean {
  return IDENTIFIER.test(name)
}
