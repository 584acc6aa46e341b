import { expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { planCheck } from '#lib/services/check/check.ts'
import type { CheckStep } from '#lib/services/check/steps.ts'
import { noStatus } from '#lib/terminal/status-line.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { CheckDisplay, type CheckDisplayOptions } from '#lib/views/check/check-display.ts'

const login: CheckStep = { step: 'login', status: 'passed', found: 'guest' }
const missing = (name: string): CheckStep => ({
  step: 'vhost',
  status: 'failed',
  found: '',
  code: 'refused',
  reason: `There is no vhost "${name}".`,
})
const noQueue: CheckStep = {
  step: 'queue',
  status: 'failed',
  found: '',
  code: 'unroutable',
  reason: 'No queue.',
}

/** What is shown of sockets, each in a vhost of its own: of those in `vN`, which do not exist, and of others. */
function linesOf(
  vhosts: readonly string[],
  detail: CheckDisplayOptions['detail'] = 'folded',
): readonly string[] {
  const plan = planCheck(vhosts.map((vhost) => parseSocket(`rabbitmq:h/vhost=${vhost}?q`)))
  const texts: string[] = []
  const options = { eventsOf: () => ['E'], style: styleFor({}, {}), status: noStatus }
  const display = new CheckDisplay({ ...options, plan, detail, print: (text) => texts.push(text) })
  for (const wiring of plan) {
    const [socket] = wiring.sockets
    display.step(wiring, login)
    if (/^v\d/.test(socket.vhost)) display.step(wiring, missing(socket.vhost))
    else
      display.step(
        socket,
        socket.vhost.startsWith('q') ? noQueue : { step: 'queue', status: 'passed', found: '' },
      )
    display.settled(wiring)
  }
  return texts.join('').trimEnd().split('\n')
}

const vhosts = (number: number, letter = 'v') => Array.from({ length: number }, (_, at) => `${letter}${at}`)

test('many logins of one broker that fail alike are one, behind all others', () => {
  expect(
    linesOf([...vhosts(300), 'whole', ...vhosts(60, 'q')]).map((line) => line.trim().replaceAll(/ +/g, ' ')),
  ).toEqual([
    '✔ rabbitmq:guest@h:5672, vhost whole 0 ms',
    '✔ rabbitmq:guest@h:5672/vhost=whole?q E',
    '',
    '✖ 300 logins such as rabbitmq:guest@h:5672, vhost v0',
    '✔ login guest',
    '✖ vhost There is no vhost "v0".',
    '✖ 300 sockets such as rabbitmq:guest@h:5672/vhost=v0?q E',
    '',
    '✔ 60 logins such as rabbitmq:guest@h:5672, vhost q0 0 ms',
    '✖ 60 sockets such as rabbitmq:guest@h:5672/vhost=q0?q E',
    '✖ queue No queue.',
  ])
})

test('logins that fail alike are shown in their turn where they fit on a screen, and with --verbose', () => {
  const heads = (lines: readonly string[]) => lines.filter((line) => line.includes(', vhost '))
  expect(heads(linesOf([...vhosts(48), 'whole']))).toHaveLength(49)
  expect(heads(linesOf([...vhosts(49), 'whole']))).toHaveLength(50)
  expect(heads(linesOf(vhosts(300), 'steps'))).toHaveLength(300)
})
