import { expect, test } from 'vitest'
import type { Doubt } from '#lib/domain/event/doubts.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { renderDoubts } from '#lib/views/events/render-doubts.ts'

const doubtsOf = (number: number): readonly Doubt[] =>
  Array.from({ length: number }, (_, at) => ({
    kind: 'event',
    name: `E_PIKE_BLOKED${at}`,
    nearest: 'E_PIKE_BLOCKED',
  }))
const linesOf = (doubts: readonly Doubt[]) => renderDoubts(doubts, styleFor({}, {})).trimEnd().split('\n')

test('events that are probably misspelt have a line each, and are one from ten on', () => {
  expect(linesOf(doubtsOf(9))).toHaveLength(9)
  expect(linesOf([...doubtsOf(1000), { kind: 'routing-key', name: 'persistent' }])).toEqual([
    '! 1,000 events, the first: OpenSIPS itself has no event E_PIKE_BLOKED0. Did you mean E_PIKE_BLOCKED? See: evi events E_PIKE_BLOCKED',
    '! "persistent" is the routing key. Parameters stand before the "?": rabbitmq:HOST/vhost=NAME?KEY',
  ])
})
