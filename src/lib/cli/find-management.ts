import type { Settings } from '#lib/domain/settings.ts'
import { type ManagementFinder, managementFinder } from '#lib/services/check/management-finder.ts'
import type { Context } from './context.ts'

export interface ManagementSearch {
  readonly settings: Pick<Settings, 'timeout' | 'connect_timeout'>
  /** The URLs of `--management`. */
  readonly management: readonly URL[] | undefined
}

/**
 * Finds the management API of a broker, all requests within one budget: among those of `--management`, or else by the
 * setting `management`; undefined where that is off.
 *
 * @throws EviError `usage`, `damaged`
 */
export async function finderIn(
  context: Context,
  { settings, management }: ManagementSearch,
): Promise<ManagementFinder | undefined> {
  const open = context.managementOpener(settings.timeout)
  if (management !== undefined) return managementFinder(management, open)
  const setting = await context.managementSetting()
  if (setting === 'off') return undefined
  if (setting !== 'auto') return managementFinder([setting], open)
  const { guessingFinder } = await import('#lib/services/check/guess-management.ts')
  return guessingFinder(open, settings.connect_timeout)
}
