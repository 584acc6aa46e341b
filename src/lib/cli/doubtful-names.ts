import type { Socket } from '#lib/domain/socket/socket.ts'
import type { Output } from '#lib/terminal/output.ts'

interface Names {
  readonly events: Iterable<string>
  /** Of each of the events. */
  readonly params?: readonly string[]
  readonly sockets?: readonly Socket[]
}

/** Warns of the names of events and their parameters that are probably misspelt, and of those in sockets that are misplaced. */
export async function warnOfDoubtfulNames(
  { events, params = [], sockets = [] }: Names,
  output: Output,
): Promise<void> {
  const { doubtsAbout, doubtsAboutSocket } = await import('#lib/domain/event/doubts.ts')
  const ofEvents = await Promise.all([...new Set(events)].map((event) => doubtsAbout(event, params)))
  const doubts = [...ofEvents.flat(), ...sockets.flatMap(doubtsAboutSocket)]
  if (doubts.length === 0) return
  const { renderDoubts } = await import('#lib/views/events/render-doubts.ts')
  output.write(renderDoubts(doubts, output.style()))
}
