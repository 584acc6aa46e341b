import type { PeekedQueue } from '#lib/services/peek/peek.ts'
import type { Style } from '#lib/terminal/style.ts'

/** What is to be said of a queue that was looked through. */
export function peekedLines(
  { socket, shown, left, consumers }: PeekedQueue,
  style: Style,
): readonly string[] {
  if (shown === 0) {
    const theirs = consumers > 0 ? `; its consumers (${consumers}) have what there was` : ''
    return [`No message is ready in the queue of ${socket}${theirs}.`]
  }
  const overtaken = `Events that reached its consumers (${consumers}) during the look may have overtaken these.`
  const [all, first, are] =
    shown === 1
      ? ['the one message', 'the first', 'it is back in its place']
      : [`all ${shown} messages`, `the first ${shown}`, 'they are back in their places']
  const which = left > 0 ? `${first} of ${shown + left} messages` : all
  return [
    ...(consumers > 0 ? [style.faint(overtaken)] : []),
    `${style.marks.ok} Looked at ${which} of ${socket}; ${are}.`,
  ]
}
