import { describe, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { setupCommands } from '#lib/services/setup/commands.ts'
import type { Draft } from '#lib/services/setup/ports.ts'

const draft = (socket: string, rest: Partial<Draft> = {}): Draft => ({
  place: 'other',
  socket: parseSocket(socket),
  secure: false,
  newTlsDomain: undefined,
  keyIsEncrypted: false,
  loggedIn: false,
  queue: undefined,
  event: 'E_X',
  expire: null,
  ...rest,
})
const commands = (...given: Parameters<typeof draft>) =>
  setupCommands(draft(...given)).map(({ line }) => line)

const watch = 'evi tail E_X'
const raise = 'evi raise E_X --param evi=test'
const domain = {
  name: 'd',
  ca: '/my ca',
  certificate: null,
  privateKey: null,
  verifyCert: true,
  serverName: null,
}

describe('the commands that do the same', () => {
  test.each<[string, ...Parameters<typeof draft>, string[]]>([
    [
      'a named exchange is watched',
      'rabbitmq:h/ex?k',
      {},
      ["evi subscribe E_X 'rabbitmq:guest@h:5672/ex?k'", watch, raise],
    ],
    [
      'a queue that does not exist is declared',
      'rabbitmq:h/q',
      { queue: { found: false, quote: '' } },
      [
        'evi subscribe E_X rabbitmq:guest@h:5672/q',
        'evi declare rabbitmq:guest@h:5672/q --yes',
        `${raise} --sync`,
      ],
    ],
    [
      'a queue that does not exist in a sandbox is watched',
      'rabbitmq:h/q',
      { queue: { found: false, quote: '' }, place: 'sandbox' },
      ['evi sandbox', 'evi subscribe E_X rabbitmq:guest@h:5672/q', watch, raise],
    ],
    [
      "a queue that exists is not evi's to watch",
      'rabbitmq:h/q',
      { queue: { found: true, messages: 0, consumers: 1 } },
      ['evi subscribe E_X rabbitmq:guest@h:5672/q', `${raise} --sync`],
    ],
    [
      'the expiry and a new TLS domain are part of it',
      'rabbitmq:guest@h/exchange=x;tls_domain=d?k',
      { expire: 60, newTlsDomain: domain },
      [
        "evi tls-domain set d --ca '/my ca'",
        "evi subscribe E_X 'rabbitmq:guest@h:5671/exchange=x;tls_domain=d?k' --expire 60",
        watch,
        raise,
      ],
    ],
    [
      'and so is whatever else a TLS domain has',
      'rabbitmq:h/tls_domain=d?q',
      {
        newTlsDomain: {
          ...domain,
          ca: null,
          certificate: 'c',
          privateKey: 'k',
          serverName: 'n',
          verifyCert: false,
        },
      },
      [
        'evi tls-domain set d --certificate c --private-key k --server-name n --no-verify-cert',
        "evi subscribe E_X 'rabbitmq:h:5671/tls_domain=d?q'",
        `${raise} --sync`,
      ],
    ],
  ])('%s', (_promise, socket, rest, expected) => {
    expect(commands(socket, rest)).toEqual(expected)
  })

  test('never hold the password', () => {
    const all = commands('rabbitmq:alice:hunter2@h/ex?k').join('\n')
    expect(all).not.toContain('hunter2')
    expect(all).toContain('--password-env EVI_PASSWORD')
  })
})
