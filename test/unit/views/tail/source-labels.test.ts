import { expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { printSocket } from '#lib/domain/socket/socket.ts'
import { SourceLabels } from '#lib/views/tail/source-labels.ts'

test.each([
  [
    ['rabbitmq:h/pike', 'rabbitmq:h/amq.topic?sip.pike'],
    ['pike', 'amq.topic?sip.pike'],
  ],
  [
    ['rabbitmq:h/pike', 'rabbitmq:g,i:1/pike'],
    ['h:5672/pike', 'g:5672,i:1/pike'],
  ],
  [
    ['rabbitmq:h/vhost=a?pike', 'rabbitmq:h/vhost=b?pike'],
    ['rabbitmq:guest@h:5672/vhost=a?pike', 'rabbitmq:guest@h:5672/vhost=b?pike'],
  ],
])('the labels of %j are as short as they can be', (texts, labels) => {
  const sockets = texts.map(parseSocket)
  const all = new SourceLabels(sockets)
  expect(sockets.map((socket) => all.of(printSocket(socket)))).toEqual(labels)
  const several = new Set(sockets.map(printSocket))
  const widths = [...several].map((socket) => all.column(socket, all.width(several)).length)
  expect(new Set(widths)).toEqual(new Set([Math.max(...labels.map(({ length }) => length))]))
})

test('no control character is in a label', () => {
  const socket = parseSocket('rabbitmq:h/a%1bb')
  expect(new SourceLabels([socket]).of(printSocket(socket))).toBe('a\\x1bb')
})
