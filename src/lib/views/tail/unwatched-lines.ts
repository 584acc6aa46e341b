import type { UnwatchedSocket } from '#lib/services/tail/tail-request.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import { many } from '#lib/views/alike.ts'

interface Shown extends UnwatchedSocket {
  /** Says that it stands for others. */
  readonly start: string
}

/** Why sockets are not watched: a line each, but one for all of the many that fail alike; each line of a hint once, below those it is for. */
export function unwatchedLines(
  sockets: readonly UnwatchedSocket[],
  style: Style,
  asked: 'watched' | 'looked at' = 'watched',
): readonly string[] {
  const shown: readonly Shown[] = [...Map.groupBy(sockets, sortOf).values()].flatMap((alike) => {
    const [first] = alike as [UnwatchedSocket]
    const such = `${count(alike.length)} sockets cannot be ${asked}, such as `
    return alike.length < many ? alike.map((one) => ({ start: '', ...one })) : [{ ...first, start: such }]
  })
  const lineOf = ({ start, socket, events, error, retryInMs }: Shown, before: Shown | undefined) => {
    const names = events.length > 0 ? ` (${visibleLine(events.join(', '))})` : ''
    const next = retryInMs === undefined ? '' : nextAttempt(retryInMs)
    const isSame = before?.error.message === error.message && before.retryInMs === retryInMs
    const reason = isSame ? 'the same.' : `${visibleLine(error.message)}${next}`
    return `${style.marks.failed} ${start}${socket}${names}: ${reason}`
  }
  const said = new Set<string>()
  const freshOf = (hint = '') => {
    const fresh = hint.split('\n').filter((line) => line !== '' && !said.has(line))
    for (const line of fresh) said.add(line)
    return fresh.length === 0 ? [] : [visibleBlock(fresh.join('\n'), '  ')]
  }
  return [...Map.groupBy(shown, ({ error }) => error.hint)].flatMap(([hint, alike]) => [
    ...alike.map((one, at) => lineOf(one, alike[at - 1])),
    ...freshOf(hint),
  ])
}

/** Equal for those that fail in the same way on the same broker, whatever their logins. */
function sortOf({ socket, error, retryInMs }: UnwatchedSocket): string {
  return JSON.stringify([error.code, socket.slice(socket.indexOf('@'), socket.indexOf('/')), retryInMs])
}

/** The end of a sentence about a lost connection. @param retryInMs milliseconds until the next attempt */
export function nextAttempt(retryInMs: number): string {
  return ` Trying again in ${(retryInMs / 1000).toFixed(1)} s, then ever more slowly.`
}
