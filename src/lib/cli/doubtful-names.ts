import type { Socket } from '#lib/domain/socket/socket.ts'
import type { Output } from '#lib/terminal/output.ts'

interface Names {
  readonly event: string
  readonly params?: readonly string[]
  readonly socket?: Socket
}

/** Warns of the names of an event and its parameters that are probably misspelt, and of a socket's that are misplaced. */
export async function warnOfDoubtfulNames(
  { event, params = [], socket }: Names,
  output: Output,
): Promise<void> {
  const { doubtsAbout, doubtsAboutSocket } = await import('#lib/domain/event/doubts.ts')
  const doubts = [...(await doubtsAbout(event, params)), ...(socket ? doubtsAboutSocket(socket) : [])]
  if (doubts.length === 0) return
  const { renderDoubts } = await import('#lib/views/events/render-doubts.ts')
  output.write(renderDoubts(doubts, output.style()))
}
