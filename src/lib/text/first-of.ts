/** Names that are written out. */
const shown = 5

/** The first names, and how many more there are; a certificate may have thousands. */
export function firstOf(names: readonly string[], separator: string): string {
  const more = names.length - shown
  const first = names.slice(0, shown).join(separator)
  return more > 0 ? `${first} and ${more} more` : first
}
