import { describe, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { CheckStep } from '#lib/services/check/steps.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { BrokerView, type CheckLook } from '#lib/views/check/render-check.ts'

const socketOf = (exchange: string, at: number) => parseSocket(`rabbitmq:h/${exchange}?k${at}`)
const passed: CheckStep = { step: 'exchange', status: 'passed', found: '' }
const unknown: CheckStep = { step: 'route', status: 'unknown', found: '', reason: 'AMQP does not show it.' }
const missing = (name: string): CheckStep => ({
  step: 'exchange',
  status: 'failed',
  found: '',
  code: 'no-exchange',
  reason: `There is no exchange "${name}".`,
})

/** Of `number` sockets each second one has no exchange, and the others a route that cannot be seen. */
function linesOf(number: number, detail: CheckLook['detail'] = 'folded'): readonly string[] {
  const view = new BrokerView({ eventsOf: () => ['E'], detail, style: styleFor({}, {}) })
  const text = view.render({
    label: 'h',
    socket: socketOf('x', 0),
    steps: [{ step: 'amqp', status: 'passed', found: 'RabbitMQ' }],
    sockets: Array.from({ length: number }, (_, at) =>
      at % 2 === 0
        ? { socket: socketOf('x', at), steps: [passed, unknown] }
        : { socket: socketOf(`gone${at}`, at), steps: [missing(`gone${at}`)] },
    ),
  })
  return text.trimEnd().split('\n')
}

describe('sockets that fail alike', () => {
  test('are one where they are many', () => {
    expect(linesOf(5000).map((line) => line.replaceAll(/(?<=\S) +/g, ' '))).toEqual([
      '✔ h 0 ms RabbitMQ',
      '  ? 2,500 sockets such as rabbitmq:guest@h:5672/x?k0 E',
      '    ? route AMQP does not show it.',
      '  ✖ 2,500 sockets such as rabbitmq:guest@h:5672/gone1?k1 E',
      '    ✖ exchange There is no exchange "gone1".',
    ])
    expect(linesOf(5000, 'failed')).toHaveLength(3)
  })

  test('have a line each where they fit on a screen, and with --verbose', () => {
    expect(linesOf(98).filter((line) => line.startsWith('  ✖'))).toHaveLength(49)
    expect(linesOf(200, 'steps').filter((line) => line.startsWith('  ✖'))).toHaveLength(100)
  })
})

test('sockets that are whole have a line each, however many they are', () => {
  const view = new BrokerView({ eventsOf: () => ['E'], detail: 'folded', style: styleFor({}, {}) })
  const sockets = Array.from({ length: 200 }, (_, at) => ({ socket: socketOf('x', at), steps: [passed] }))
  const text = view.render({ label: 'h', socket: socketOf('x', 0), steps: [], sockets })
  expect(text.match(/^ {2}✔ rabbitmq:/gm)).toHaveLength(200)
})

test('many sockets behind a login that fails are one, and each is shown with --verbose', () => {
  const refused: CheckStep = {
    step: 'login',
    status: 'failed',
    found: '',
    code: 'refused',
    reason: 'Refused.',
  }
  const sockets = Array.from({ length: 50 }, (_, at) => ({ socket: socketOf('x', at), steps: [] }))
  const textOf = (detail: CheckLook['detail'], behind = sockets) =>
    new BrokerView({ eventsOf: () => ['E'], detail, style: styleFor({}, {}) }).render({
      label: 'h',
      socket: socketOf('x', 0),
      steps: [refused],
      sockets: behind,
    })
  const one = '  ✖ 50 sockets such as rabbitmq:guest@h:5672/x?k0  E\n'
  for (const detail of ['folded', 'failed'] as const) {
    expect(textOf(detail).endsWith(`Refused.\n${one}`)).toBe(true)
    expect(textOf(detail, sockets.slice(1)).match(/^ {2}✖ rabbitmq:/gm)).toHaveLength(49)
  }
  expect(textOf('steps').match(/^ {2}✖ rabbitmq:/gm)).toHaveLength(50)
})
