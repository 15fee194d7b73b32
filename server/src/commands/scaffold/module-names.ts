/** A new module’s noun in every spelling its files need. */
export interface ModuleNames {
  /** `purchase-orders`: the folder and the file names. */
  readonly plural: string
  /** `purchase-order`. */
  readonly singular: string
  /** `purchaseOrders`: the router, also what its scopes are called. */
  readonly router: string
  /** `purchaseOrder`: the model as Prisma calls it. */
  readonly model: string
  /** `PurchaseOrders`. */
  readonly types: string
  /** `PurchaseOrder`: the schema and the model. */
  readonly type: string
  /** `purchase_orders`. */
  readonly table: string
  /** `purchase orders`, for sentences. */
  readonly many: string
  /** `a purchase order`. */
  readonly one: string
}

/** A name that cannot be taken, with the reason in words. */
export class NameRefused extends Error {}

const MAX_LENGTH = 40
const KEBAB = /^[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*$/
/** Their plural ends in -ies and their singular in -ie. */
const WITH_IE = new Set(['movies', 'cookies', 'ties', 'zombies', 'selfies', 'calories', 'pies'])

/**
 * All spellings of a module called `plural`.
 *
 * @param singular where it does not follow from the plural
 * @throws NameRefused
 */
export function moduleNames(plural: string, singular = singularOf(plural)): ModuleNames {
  requireKebab(plural, 'A module')
  if (singular === undefined) {
    throw new NameRefused(
      `What one of "${plural}" is called does not follow from the name. Modules are named by a plural; say the singular with --singular, for example: npm run new -- module people --singular person`,
    )
  }
  requireKebab(singular, 'The singular')
  if (singular === plural)
    throw new NameRefused(`The singular and the plural are both "${plural}": choose a noun that has two.`)
  const type = pascal(singular)
  if (type in globalThis)
    throw new NameRefused(
      `"${type}" is a name of JavaScript’s own; choose another noun, such as "project-${plural}".`,
    )
  return {
    plural,
    singular,
    router: camel(plural),
    model: camel(singular),
    types: pascal(plural),
    type,
    table: plural.replaceAll('-', '_'),
    many: plural.replaceAll('-', ' '),
    one: `${/^[aeio]/.test(singular) ? 'an' : 'a'} ${singular.replaceAll('-', ' ')}`,
  }
}

function requireKebab(name: string, what: string): void {
  if (name.length > MAX_LENGTH)
    throw new NameRefused(
      `${what} has a name of ${MAX_LENGTH} characters at most; this one has ${name.length}.`,
    )
  if (KEBAB.test(name)) return
  const meant = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '')
  const hint = KEBAB.test(meant) ? ` Did you mean "${meant}"?` : ''
  throw new NameRefused(
    `${what} is named in lower case, words apart by "-", such as "invoices" or "purchase-orders"; "${name}" is not.${hint}`,
  )
}

/** The singular of an English plural; undefined where the rules do not say. */
function singularOf(plural: string): string | undefined {
  const last = plural.slice(plural.lastIndexOf('-') + 1)
  if (last.length < 3 || !last.endsWith('s') || /(?:ss|us|is|series|species|news)$/.test(last))
    return undefined
  if (WITH_IE.has(last)) return plural.slice(0, -1)
  if (last.endsWith('ies')) return `${plural.slice(0, -3)}y`
  if (/(?:ss|sh|ch|x|zz)es$/.test(last)) return plural.slice(0, -2)
  return plural.slice(0, -1)
}

function pascal(kebab: string): string {
  return kebab.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function camel(kebab: string): string {
  return kebab.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
