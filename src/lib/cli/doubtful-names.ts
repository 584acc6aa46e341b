import { styleFor } from '#lib/terminal/style.ts'
import type { Context } from './context.ts'

/** Warnings of the names of an event and its parameters that are probably misspelt; empty where there are none. */
export async function doubtfulNames(
  { event, params = [] }: { readonly event: string; readonly params?: readonly string[] },
  { environment }: Context,
): Promise<string> {
  const { doubtsAbout } = await import('#lib/domain/event/doubts.ts')
  const doubts = await doubtsAbout(event, params)
  if (doubts.length === 0) return ''
  const { renderDoubts } = await import('#lib/views/events/render-doubts.ts')
  return renderDoubts(doubts, await styleFor(process.stderr, environment))
}
