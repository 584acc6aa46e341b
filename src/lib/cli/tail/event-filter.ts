import type { MessageFilter } from '#lib/services/tail/select-events.ts'

/** The filter of `--where`, loaded for it alone. @throws EviError `usage` */
export async function eventFilter(where: string | undefined): Promise<MessageFilter | undefined> {
  if (where === undefined) return undefined
  const { filterWhere } = await import('#lib/services/tail/select-events.ts')
  return filterWhere(where)
}
