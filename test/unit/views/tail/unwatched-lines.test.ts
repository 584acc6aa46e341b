import { expect, test } from 'vitest'
import { EviError } from '#lib/errors.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { unwatchedLines } from '#lib/views/tail/unwatched-lines.ts'

const plain = styleFor({}, { LANG: 'C.UTF-8' })
const failed = (host: string, number: number, hint: string) =>
  Array.from({ length: number }, (_, at) => ({
    socket: `rabbitmq:guest@${host}:5672/x?k.${at}`,
    events: ['E_ONE'],
    error: new EviError('refused', `The key k.${at} is refused.`, { hint }),
    retryInMs: undefined,
  }))

test('a few sockets that cannot be watched have a line each', () => {
  expect(unwatchedLines(failed('a', 2, 'Grant it.'), plain)).toEqual([
    '✖ rabbitmq:guest@a:5672/x?k.0 (E_ONE): The key k.0 is refused.',
    '✖ rabbitmq:guest@a:5672/x?k.1 (E_ONE): The key k.1 is refused.',
    '  Grant it.',
  ])
})

test('many sockets that fail alike are one line with their number, beside those that do not', () => {
  expect(unwatchedLines([...failed('a', 1000, 'Grant it.'), ...failed('b', 1, 'Start it.')], plain)).toEqual([
    '✖ 1,000 sockets cannot be watched, such as rabbitmq:guest@a:5672/x?k.0 (E_ONE): The key k.0 is refused.',
    '  Grant it.',
    '✖ rabbitmq:guest@b:5672/x?k.0 (E_ONE): The key k.0 is refused.',
    '  Start it.',
  ])
})

test('a reason that several have in common stands at the first of them', () => {
  const error = new EviError('unreachable', 'The connection was lost: it is full.', { hint: 'Make room.' })
  const [first, second] = failed('a', 2, '').map((one) => ({ ...one, events: [], error, retryInMs: 500 }))
  const third = { ...failed('a', 3, '')[2], error, retryInMs: 1000 }
  expect(unwatchedLines([first, second, third] as Parameters<typeof unwatchedLines>[0], plain)).toEqual([
    '✖ rabbitmq:guest@a:5672/x?k.0: The connection was lost: it is full. Trying again in 0.5 s, then ever more slowly.',
    '✖ rabbitmq:guest@a:5672/x?k.1: the same.',
    '✖ rabbitmq:guest@a:5672/x?k.2 (E_ONE): The connection was lost: it is full. Trying again in 1.0 s, then ever more slowly.',
    '  Make room.',
  ])
})

test('many logins that fail alike on one broker are one line', () => {
  const sockets = failed('a', 1000, 'Raise it.').map((one, at) => ({
    ...one,
    socket: one.socket.replace('guest', `u${at}`),
  }))
  expect(unwatchedLines(sockets, plain)).toEqual([
    '✖ 1,000 sockets cannot be watched, such as rabbitmq:u0@a:5672/x?k.0 (E_ONE): The key k.0 is refused.',
    '  Raise it.',
  ])
})

test('a line that several hints have in common stands there once', () => {
  const sockets = [...failed('a', 1, 'Look at a.\nTrace all.'), ...failed('b', 1, 'Look at b.\nTrace all.')]
  expect(unwatchedLines(sockets, plain)).toEqual([
    '✖ rabbitmq:guest@a:5672/x?k.0 (E_ONE): The key k.0 is refused.',
    '  Look at a.\n  Trace all.',
    '✖ rabbitmq:guest@b:5672/x?k.0 (E_ONE): The key k.0 is refused.',
    '  Look at b.',
  ])
})

test('what to do stands below the sockets that it is for, once', () => {
  const sockets = failed('a', 2, 'Grant it.').toSpliced(1, 0, ...failed('b', 1, 'Start it.'))
  expect(unwatchedLines(sockets, plain)).toEqual([
    '✖ rabbitmq:guest@a:5672/x?k.0 (E_ONE): The key k.0 is refused.',
    '✖ rabbitmq:guest@a:5672/x?k.1 (E_ONE): The key k.1 is refused.',
    '  Grant it.',
    '✖ rabbitmq:guest@b:5672/x?k.0 (E_ONE): The key k.0 is refused.',
    '  Start it.',
  ])
})
