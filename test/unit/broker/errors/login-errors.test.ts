import { describe, expect, test } from 'vitest'
import { handshakeError } from '#lib/broker/errors/login-errors.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'

describe('a refused login', () => {
  const reply = {
    code: 403,
    text: 'ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.',
  }
  const quote = `The broker says: "${reply.text}"`
  const refusal = (login: string, remote: boolean) => {
    const socket = parseSocket(`rabbitmq:${login}192.0.2.1/q`)
    const failed = {
      host: socket.hosts[0],
      socket,
      tlsDomain: undefined,
      step: 'login',
      reply,
      firstBytes: Buffer.alloc(0),
      remote,
    } as const
    return handshakeError(new Error('refused'), failed)
  }

  test('of a guest from another machine is explained', () => {
    const { code, message, hint } = refusal('', true)
    expect(code).toBe('refused')
    expect(message).toContain('RabbitMQ accepts it only from its own machine')
    expect(hint).toContain(
      "on 192.0.2.1:5672: rabbitmqctl add_user NAME PASSWORD && rabbitmqctl set_permissions NAME '^$' '^amq\\.default$' '^$'",
    )
  })

  test('of a guest from this machine may be the password, or a container', () => {
    const { message, hint } = refusal('', false)
    expect(message).toBe(`The login of the user "guest" was refused. ${quote}`)
    expect(hint).toMatch(
      /authenticate_user guest\n.+evi password --host \S+ --user guest\n.+if the broker runs in a container: .+only from inside it.+add_user NAME PASSWORD/,
    )
  })

  test('of any other user is the password', () => {
    const { message, hint } = refusal("it's%20me:s3cret@", true)
    expect(message).toBe(`The login of the user "it's me" was refused. ${quote}`)
    expect(hint).toMatch(
      /^Is it the right password\? Ask on 192\.0\.2\.1:5672: rabbitmqctl authenticate_user 'it'\\''s me'/,
    )
  })
})

test.each([
  [320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"],
  [541, 'INTERNAL_ERROR'],
  [530, "NOT_ALLOWED - access to vhost '/' refused for user 'guest': vhost '/' is down"],
])('a broker in trouble (%i) is unreachable, which may pass, and no refusal, which stays', (code, text) => {
  const socket = parseSocket('rabbitmq:h/q')
  const host = socket.hosts[0]
  const failed = {
    host,
    socket,
    tlsDomain: undefined,
    step: 'vhost',
    firstBytes: Buffer.alloc(0),
    remote: false,
  } as const
  const error = handshakeError(new Error('closed'), { ...failed, reply: { code, text } })
  expect(error).toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(/^h:5672 closed the connection: /),
  })
})
