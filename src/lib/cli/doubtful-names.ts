import type { Output } from '#lib/terminal/output.ts'

/** Warns of the names of an event and its parameters that are probably misspelt. */
export async function warnOfDoubtfulNames(
  { event, params = [] }: { readonly event: string; readonly params?: readonly string[] },
  output: Output,
): Promise<void> {
  const { doubtsAbout } = await import('#lib/domain/event/doubts.ts')
  const doubts = await doubtsAbout(event, params)
  if (doubts.length === 0) return
  const { renderDoubts } = await import('#lib/views/events/render-doubts.ts')
  output.write(renderDoubts(doubts, output.style()))
}
