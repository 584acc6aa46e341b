import type { WiringNode } from '#lib/services/map/wiring-node.ts'
import { graphOf } from './map-graph.ts'

/** What a map shows, in a sentence: `The wiring of 7 events to 6 sockets, 3 of them broken.` */
export function summarize(roots: readonly WiringNode[]): string {
  const nodes = [...graphOf(roots).nodes.values()]
  const sockets = nodes.filter(({ kind }) => kind === 'socket')
  const broken = sockets.filter(({ state }) => state === 'failed').length
  const events = nodes.filter(({ kind }) => kind === 'event').length
  const state = sockets.every((socket) => socket.state === null)
    ? 'not looked at'
    : broken === 0
      ? 'none of them broken'
      : `${broken} of them broken`
  return `The wiring of ${count(events, 'event')} to ${count(sockets.length, 'socket')}, ${state}.`
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`
}
